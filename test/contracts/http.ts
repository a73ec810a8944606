import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Http } from '@brine/swarm';

/** What a server does with a request: an answer, or none ever. */
export type Served = { readonly status: number; readonly body: Uint8Array } | 'nothing';

/** An `Http` and a server that it reaches. */
export interface HttpUnderTest {
  readonly http: Http;
  /** Where the server answers: a URL without a path. */
  readonly origin: string;
  readonly until: <T>(promise: Promise<T>) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** What every implementation of the `Http` port owes to the engine. */
export function httpContract(
  name: string,
  makeHttp: (serve: (pathAndQuery: string) => Served) => Promise<HttpUnderTest>,
): void {
  describe(`${name} as Http`, () => {
    let under: HttpUnderTest;
    let asked: string[];
    let served: Served;

    beforeEach(async () => {
      asked = [];
      served = { status: 200, body: Uint8Array.of(1, 2, 3) };
      under = await makeHttp((path) => {
        asked.push(path);
        return served;
      });
    });

    afterEach(() => under.close());

    const options = { timeoutMs: 10_000, bodyMax: 1000 };

    it('asks for exactly the URL and gives status and body', async () => {
      const url = `${under.origin}/announce?info_hash=%00%FF%20a&port=1`;
      const { status, body } = await under.until(under.http.get(url, options));
      expect([status, ...body]).toEqual([200, 1, 2, 3]);
      expect(asked).toEqual(['/announce?info_hash=%00%FF%20a&port=1']);
    });

    it('gives an answer that is no success like any other', async () => {
      served = { status: 404, body: Uint8Array.of(7) };
      const { status, body } = await under.until(under.http.get(`${under.origin}/`, options));
      expect([status, ...body]).toEqual([404, 7]);
    });

    it('takes a body of exactly `bodyMax` bytes and refuses a longer one', async () => {
      served = { status: 200, body: new Uint8Array(1000) };
      expect((await under.until(under.http.get(`${under.origin}/`, options))).body).toHaveLength(1000);
      served = { status: 200, body: new Uint8Array(1001) };
      await expect(under.until(under.http.get(`${under.origin}/`, options))).rejects.toMatchObject({
        code: 'body-too-large',
      });
    });

    it('fails with `timeout` when no answer comes in time', async () => {
      served = 'nothing';
      const asking = under.http.get(`${under.origin}/`, { ...options, timeoutMs: 20 });
      await expect(under.until(asking)).rejects.toMatchObject({ code: 'timeout' });
    });

    it('fails with `cancelled` when the request is given up', async () => {
      served = 'nothing';
      const asking = under.http.get(`${under.origin}/`, { ...options, until: Promise.resolve() });
      await expect(under.until(asking)).rejects.toMatchObject({ code: 'cancelled' });
    });
  });
}

import { HttpError } from '@brine/swarm';
import type { Http, HttpRequestOptions, HttpResponse } from '@brine/swarm';

import type { SimClock } from './sim-clock.ts';
import type { SimHost } from './sim-host.ts';

/** A web server in the simulator: an answer for every GET, or undefined for one that never answers. */
export interface SimWebServer {
  answer(url: URL, from: SimHost): HttpResponse | undefined;
}

/** HTTP as a request and an answer: two round trips (connection, exchange), no bandwidth. Servers have IPv4 addresses only. */
export class SimHttp {
  readonly #clock: SimClock;
  readonly #roundTripMs: number;
  readonly #servers = new Map<string, SimWebServer>();

  constructor(clock: SimClock, roundTripMs = 20) {
    this.#clock = clock;
    this.#roundTripMs = roundTripMs;
  }

  /** Everything below `origin` (`http://tracker.example`) is answered by `server`. */
  serve(origin: string, server: SimWebServer): void {
    this.#servers.set(origin, server);
  }

  /** The port as programs on `host` see it. */
  of(host: SimHost): Http {
    return {
      get: async (url, options) => {
        const until = options.until?.then(() => {
          throw new HttpError('cancelled', `no longer wanted: ${url}`);
        });
        const answer = this.#get(host, new URL(url), options);
        return until === undefined ? answer : Promise.race([answer, until]);
      },
    };
  }

  async #get(host: SimHost, url: URL, options: HttpRequestOptions): Promise<HttpResponse> {
    await this.#clock.sleep(this.#roundTripMs);
    if (options.family === 6) throw new HttpError('no-address', `${url.host} has no IPv6 address`);
    const server = host.powered ? this.#servers.get(url.origin) : undefined;
    const answer = server?.answer(url, host);
    if (answer === undefined) {
      await this.#clock.sleep(Math.max(0, options.timeoutMs - this.#roundTripMs));
      throw new HttpError('timeout', `no answer from ${url.host} within ${options.timeoutMs} ms`);
    }
    await this.#clock.sleep(this.#roundTripMs);
    if (answer.body.length > options.bodyMax) {
      throw new HttpError('body-too-large', `an answer of ${answer.body.length} bytes is too long`);
    }
    return answer;
  }
}

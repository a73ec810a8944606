import type { Http, HttpRequestOptions, HttpResponse } from '@brine/swarm';

import type { SimClock } from './sim-clock.ts';
import type { SimHost } from './sim-host.ts';

/** A web server in the simulator: an answer for every GET, or undefined for one that never answers. */
export interface SimWebServer {
  answer(url: URL, from: SimHost): HttpResponse | undefined;
}

/** HTTP as a request and an answer: two round trips (connection, exchange), no bandwidth. */
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
    return { get: (url, options) => this.#get(host, new URL(url), options) };
  }

  async #get(host: SimHost, url: URL, options: HttpRequestOptions): Promise<HttpResponse> {
    await this.#clock.sleep(this.#roundTripMs);
    const server = host.powered ? this.#servers.get(url.origin) : undefined;
    const answer = server?.answer(url, host);
    if (answer === undefined) {
      await this.#clock.sleep(Math.max(0, options.timeoutMs - this.#roundTripMs));
      throw new Error(`no answer from ${url.host} within ${options.timeoutMs} ms`);
    }
    await this.#clock.sleep(this.#roundTripMs);
    if (answer.body.length > options.bodyMax)
      throw new Error(`an answer of ${answer.body.length} bytes is too long`);
    return answer;
  }
}

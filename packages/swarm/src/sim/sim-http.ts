import { HttpError } from '../ports/http.ts';
import type { Http, HttpRequestOptions, HttpResponse } from '../ports/http.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimHost } from './sim-host.ts';

/** The two parts of a URL that matter here; the query still percent-encoded, with its question mark. */
export interface SimUrl {
  readonly origin: string;
  readonly search: string;
}

/** A web server in the simulator: an answer for every GET, or undefined for one that never answers. */
export interface SimWebServer {
  answer(url: SimUrl, from: SimHost): HttpResponse | undefined;
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
        const answer = this.#get(host, url, options);
        return until === undefined ? answer : Promise.race([answer, until]);
      },
    };
  }

  async #get(host: SimHost, text: string, options: HttpRequestOptions): Promise<HttpResponse> {
    await this.#clock.sleep(this.#roundTripMs);
    const url = parseUrl(text);
    if (options.family === 6) throw new HttpError('no-address', `${url.origin} has no IPv6 address`);
    const server = host.powered ? this.#servers.get(url.origin) : undefined;
    const answer = server?.answer(url, host);
    if (answer === undefined) {
      await this.#clock.sleep(Math.max(0, options.timeoutMs - this.#roundTripMs));
      throw new HttpError('timeout', `no answer from ${url.origin} within ${options.timeoutMs} ms`);
    }
    await this.#clock.sleep(this.#roundTripMs);
    if (answer.body.length > options.bodyMax) {
      throw new HttpError('body-too-large', `an answer of ${answer.body.length} bytes is too long`);
    }
    return answer;
  }
}

function parseUrl(text: string): SimUrl {
  const match = /^(https?:\/\/[^/?#]+)[^?#]*(\?[^#]*)?/u.exec(text);
  if (match === null) throw new HttpError('url-invalid', `${text} is no URL`);
  return { origin: match[1]!, search: match[2] ?? '' };
}

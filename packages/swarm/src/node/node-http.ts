import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';

import type { Clock } from '../ports/clock.ts';
import { HttpError, type Http, type HttpRequestOptions, type HttpResponse } from '../ports/http.ts';

import { type HostAddress, HostPolicy, type NameLookup, systemLookup } from './host-policy.ts';
import { readBody } from './http-body.ts';
import { NodeClock } from './node-clock.ts';

export interface NodeHttpOptions {
  /** `user-agent` of every request; trackers log it and some keep lists. Default `Brine`. */
  readonly userAgent?: string;
  /** Which addresses may be connected. Default: a `HostPolicy` without loopback. */
  readonly hostPolicy?: HostPolicy;
  /** Measures time-outs. Default: the real clock. */
  readonly clock?: Clock;
  /** Name resolution. Default: the system's. Not asked for hosts that are addresses already. */
  readonly lookup?: NameLookup;
  /** Certificates (PEM) to trust instead of the platform's; for trackers inside a company. */
  readonly certificateAuthorities?: string | readonly string[];
}

/** Redirects followed in one exchange. */
export const REDIRECTS_MAX = 5;

/**
 * HTTP(S) GET by Node's own modules. One connection for each request (trackers are asked twice an hour), TLS verified, at most
 * `REDIRECTS_MAX` redirects, each judged anew, never from https to http. The host policy judges the very address that is
 * connected: it sits in the connection's own name lookup, so a name cannot change its mind in between.
 */
export class NodeHttp implements Http {
  readonly #userAgent: string;
  readonly #policy: HostPolicy;
  readonly #clock: Clock;
  readonly #lookup: NameLookup;
  readonly #tls: Pick<RequestOptions & { ca?: string | string[] }, 'ca'>;

  constructor(options: NodeHttpOptions = {}) {
    this.#userAgent = options.userAgent ?? 'Brine';
    this.#policy = options.hostPolicy ?? new HostPolicy();
    this.#clock = options.clock ?? new NodeClock();
    this.#lookup = options.lookup ?? systemLookup;
    const authorities = options.certificateAuthorities;
    this.#tls =
      authorities === undefined
        ? {}
        : { ca: typeof authorities === 'string' ? authorities : [...authorities] };
  }

  async get(url: string, options: HttpRequestOptions): Promise<HttpResponse> {
    const exchange = new Exchange();
    const cancelTimer = this.#clock.schedule(options.timeoutMs, () =>
      exchange.abort(new HttpError('timeout', `no complete answer within ${options.timeoutMs} ms`)),
    );
    const giveUp = (): void => exchange.abort(new HttpError('cancelled', 'the request was given up'));
    void options.until?.then(giveUp, giveUp);
    try {
      return await this.#follow(parseUrl(url), options, exchange);
    } catch (cause) {
      throw exchange.failure ?? asHttpError(cause);
    } finally {
      cancelTimer();
    }
  }

  async #follow(first: URL, options: HttpRequestOptions, exchange: Exchange): Promise<HttpResponse> {
    let url = first;
    for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
      const trusted = options.trusted === true && url.hostname === first.hostname;
      const response = await this.#ask(url, options.family, trusted, exchange);
      const target = redirectTarget(url, response);
      if (target === undefined) {
        const body = await readBody(response, options.bodyMax);
        return { status: response.statusCode ?? 0, body };
      }
      response.destroy();
      url = target;
    }
    throw new HttpError(
      'redirects-too-many',
      `more than ${REDIRECTS_MAX} redirects, the last one to ${url.host}`,
    );
  }

  /** One request; resolves with its head. */
  async #ask(
    url: URL,
    family: 4 | 6 | undefined,
    trusted: boolean,
    exchange: Exchange,
  ): Promise<IncomingMessage> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') {
      throw new HttpError('scheme-refused', `${url.protocol} is not http or https`);
    }
    const host = url.hostname.replace(/^\[|\]$/gu, '');
    // Node looks up names only, so an address in the URL is judged here.
    if (isIP(host) !== 0) this.#permitted(host, [{ address: host, family: isIP(host) }], family, trusted);
    // Loaded when first needed: whoever has no tracker never pays for HTTP and TLS.
    const { request: send } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
    return new Promise((resolve, reject) => {
      const request = send(url, {
        ...(url.protocol === 'https:' ? this.#tls : {}),
        agent: false,
        lookup: this.#judgedLookup(family, trusted),
        headers: { 'user-agent': this.#userAgent, 'accept-encoding': 'gzip, deflate', connection: 'close' },
      });
      exchange.carriedBy(request);
      request.once('response', resolve);
      request.on('error', reject);
      request.end();
    });
  }

  #judgedLookup(family: 4 | 6 | undefined, trusted: boolean): LookupFunction {
    const permitted = async (host: string): Promise<readonly HostAddress[]> =>
      this.#permitted(host, await this.#lookup(host), family, trusted);
    return (host, { all }, found) => {
      permitted(host).then(
        (addresses) =>
          all === true
            ? found(null, [...addresses])
            : found(null, addresses[0]?.address ?? '', addresses[0]?.family),
        (error: unknown) => found(asHttpError(error), ''),
      );
    };
  }

  #permitted(
    host: string,
    addresses: readonly HostAddress[],
    family: 4 | 6 | undefined,
    trusted: boolean,
  ): readonly HostAddress[] {
    const ofFamily = addresses.filter((found) => family === undefined || found.family === family);
    if (ofFamily.length === 0)
      throw new HttpError('no-address', `${host} has no IPv${family ?? '4 or IPv6'} address`);
    const permitted = ofFamily.filter(({ address }) => this.#policy.allows(address, trusted));
    if (permitted.length > 0) return permitted;
    const text = ofFamily.map(({ address }) => address).join(', ');
    throw new HttpError('host-refused', `${host} is ${text}, which must not be contacted for a torrent`);
  }
}

/** What a time-out has to end: whichever request carries the exchange at that moment. */
class Exchange {
  failure: HttpError | undefined;
  #request: ClientRequest | undefined;

  carriedBy(request: ClientRequest): void {
    this.#request = request;
    if (this.failure !== undefined) request.destroy(this.failure);
  }

  abort(failure: HttpError): void {
    this.failure ??= failure;
    this.#request?.destroy(this.failure);
  }
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

function redirectTarget(from: URL, response: IncomingMessage): URL | undefined {
  const location = response.headers.location;
  if (!redirectStatuses.has(response.statusCode ?? 0) || location === undefined) return undefined;
  const target = parseUrl(location, from);
  if (from.protocol === 'https:' && target.protocol === 'http:') {
    throw new HttpError('scheme-refused', `a redirect from https to http (${target.host}) is not followed`);
  }
  return target;
}

function parseUrl(text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    throw new HttpError('url-invalid', `not a URL: ${text.slice(0, 200)}`, { cause });
  }
}

function asHttpError(cause: unknown): HttpError {
  if (cause instanceof HttpError) return cause;
  return new HttpError('unreachable', cause instanceof Error ? cause.message : String(cause), { cause });
}

import type {
  EngineView,
  LimitOrder,
  LimitsView,
  NamedOrder,
  OnlyOutcome,
  PayloadDetails,
  PayloadOrder,
  PayloadStatus,
  PutOutcome,
  RateLimitsOrder,
  ServiceEvent,
  SiteView,
  SpaceView,
  WriteOptions,
} from '../payload-service.ts';
import type { Problem } from '../problem.ts';
import type { RatesView } from '../rate-history.ts';
import { ControlError } from './control-error.ts';
import { readEvents } from './event-source.ts';

export interface ControlClientOptions {
  /** `http://127.0.0.1:7420`; or `unix:/run/brine.sock`, with a `fetch` that goes there: see `@brine/control-http/client/node`. */
  readonly url: string;
  readonly token: string;
  /** For an answer to begin. Default 10 s. */
  readonly timeoutMs?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** What a stream tells: the service's events, `progress`, and where it stands. */
export type WatchedEvent =
  | ServiceEvent
  | { readonly type: 'progress'; readonly payloads: readonly PayloadStatus[] }
  /** Totals, as of `getEngine`. */
  | { readonly type: 'engine'; readonly engine: EngineView }
  /** Nothing is missing up to here. */
  | { readonly type: 'hello' }
  /** Something was missed: read everything again. */
  | { readonly type: 'reset' };

/** The API, call by call. Every method rejects with `ControlError`. */
export class ControlClient {
  readonly #options: ControlClientOptions;

  /** Throws `RangeError` for a Unix socket without a `fetch`: the platform's would call somebody else. */
  constructor(options: ControlClientOptions) {
    if (options.url.startsWith('unix:') && options.fetch === undefined)
      throw new RangeError(`${options.url} needs a fetch that goes there, like nodeFetch`);
    this.#options = options;
  }

  async listPayloads(): Promise<readonly PayloadStatus[]> {
    return (await this.#call<{ payloads: readonly PayloadStatus[] }>('GET', '/v1/payloads')).payloads;
  }

  getPayload(name: string): Promise<PayloadDetails> {
    return this.#call('GET', payloadPath(name));
  }

  putPayload(name: string, order: PayloadOrder, options: WriteOptions = {}): Promise<PutOutcome> {
    return this.#call('PUT', `${payloadPath(name)}${queryOf(options)}`, order);
  }

  /** These and no others. An empty list needs `allowEmpty`. */
  onlyPayloads(
    payloads: readonly NamedOrder[],
    options: { readonly allowEmpty?: boolean } = {},
  ): Promise<OnlyOutcome> {
    return this.#call('PUT', '/v1/payloads', { payloads, ...options });
  }

  /** Deletes what was created for it, unless `keepData`. */
  async removePayload(name: string, options: { readonly keepData?: boolean } = {}): Promise<void> {
    await this.#call('DELETE', `${payloadPath(name)}${options.keepData === true ? '?data=keep' : ''}`);
  }

  pausePayload(name: string): Promise<PayloadStatus> {
    return this.#call('POST', `${payloadPath(name)}/pause`);
  }

  resumePayload(name: string): Promise<PayloadStatus> {
    return this.#call('POST', `${payloadPath(name)}/resume`);
  }

  /** Begins a check of everything on disk. */
  verifyPayload(name: string): Promise<PayloadStatus> {
    return this.#call('POST', `${payloadPath(name)}/verify`);
  }

  /** Asks the trackers for peers, as early as they allow. */
  announcePayload(name: string): Promise<PayloadStatus> {
    return this.#call('POST', `${payloadPath(name)}/announce`);
  }

  /** What is left out is unlimited. */
  putPayloadLimits(name: string, limits: RateLimitsOrder): Promise<PayloadStatus> {
    return this.#call('PUT', `${payloadPath(name)}/limits`, limits);
  }

  /** Tells it of peers, `host:port`; they are no part of the order. */
  addPeers(name: string, peers: readonly string[]): Promise<PayloadStatus> {
    return this.#call('POST', `${payloadPath(name)}/peers`, { peers });
  }

  /** Keeps that this content was found to be complete. */
  acknowledgePayload(name: string, infohash: string): Promise<PayloadStatus> {
    return this.#call('PUT', `${payloadPath(name)}/acknowledgement`, { infohash });
  }

  unacknowledgePayload(name: string): Promise<PayloadStatus> {
    return this.#call('DELETE', `${payloadPath(name)}/acknowledgement`);
  }

  getLimits(): Promise<LimitsView> {
    return this.#call('GET', '/v1/limits');
  }

  putLimits(limits: LimitOrder, options: WriteOptions = {}): Promise<LimitsView> {
    return this.#call('PUT', `/v1/limits${queryOf(options)}`, limits);
  }

  /** Back to the configuration's. */
  resetLimits(): Promise<LimitsView> {
    return this.#call('DELETE', '/v1/limits');
  }

  getEngine(): Promise<EngineView> {
    return this.#call('GET', '/v1/engine');
  }

  getSite(): Promise<SiteView> {
    return this.#call('GET', '/v1/site');
  }

  /** Room in the file system that holds a directory; default: the first root. */
  getSpace(path?: string): Promise<SpaceView> {
    return this.#call('GET', `/v1/space${path === undefined ? '' : `?path=${encodeURIComponent(path)}`}`);
  }

  /** Rates of the last hour. */
  getRates(): Promise<RatesView> {
    return this.#call('GET', '/v1/rates');
  }

  /** The OpenAPI document. */
  getDocument(): Promise<object> {
    return this.#call('GET', '/v1/openapi.json');
  }

  /** Ends the service; it is gone within five seconds. */
  async stopService(): Promise<void> {
    await this.#call('POST', '/v1/stop');
  }

  /**
   * What happens, until `signal` ends it or the connection breaks; `lastId` of an earlier stream brings what was missed since.
   */
  async *streamEvents(
    options: { readonly signal?: AbortSignal; readonly lastId?: string } = {},
  ): AsyncGenerator<{ readonly id?: string; readonly event: WatchedEvent }> {
    const headers = options.lastId === undefined ? {} : { 'last-event-id': options.lastId };
    const abort = new AbortController();
    const stop = (): void => abort.abort();
    options.signal?.addEventListener('abort', stop);
    if (options.signal?.aborted === true) stop();
    try {
      const response = await this.#send('GET', '/v1/events', { headers, abort });
      if (response.body === null) return;
      for await (const { id, type, data } of readEvents(response.body)) {
        const event = { ...(JSON.parse(data) as object), type } as WatchedEvent;
        yield { event, ...(id === undefined ? {} : { id }) };
      }
    } catch (error) {
      if (abort.signal.aborted && options.signal?.aborted === true) return;
      throw error instanceof ControlError ? error : unreachable(this.#options.url, error);
    } finally {
      options.signal?.removeEventListener('abort', stop);
      // Whoever stops reading early leaves the connection open otherwise.
      stop();
    }
  }

  async #call<Answer>(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await this.#send(method, path, { body });
    if (response.status === 204) return undefined as Answer;
    try {
      return (await response.json()) as Answer;
    } catch (error) {
      throw unreachable(this.#options.url, error);
    }
  }

  async #send(
    method: string,
    path: string,
    request: { body?: unknown; headers?: Record<string, string>; abort?: AbortController },
  ): Promise<Response> {
    const { url, token, timeoutMs = TIMEOUT_MS, fetch: send = fetch } = this.#options;
    // One controller for both reasons: Node 20 may forget a signal that `AbortSignal.any` made.
    const { abort = new AbortController() } = request;
    // Only until the answer begins: a stream goes on as long as it likes.
    const timer = setTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const response = await send(new URL(path, url.startsWith('unix:') ? 'http://localhost' : url), {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        // The token is for this address alone.
        redirect: 'error',
        signal: abort.signal,
      });
      if (!response.ok) throw new ControlError(await problemOf(response), response.status);
      return response;
    } catch (error) {
      if (error instanceof ControlError) throw error;
      throw unreachable(url, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

function payloadPath(name: string): string {
  return `/v1/payloads/${encodeURIComponent(name)}`;
}

function queryOf({ dryRun = false }: WriteOptions): string {
  return dryRun ? '?dry-run=true' : '';
}

async function problemOf(response: Response): Promise<Pick<Problem, 'code' | 'detail'>> {
  const text = await response.text();
  try {
    const { code, detail } = JSON.parse(text) as Partial<Problem>;
    if (code !== undefined && detail !== undefined) return { code, detail };
  } catch {
    // Something else than our API answers there.
  }
  return {
    code: 'internal-fault',
    detail: `${response.url} answers ${response.status} and is no Brine API.`,
  };
}

function unreachable(url: string, error: unknown): ControlError {
  const { message, cause } = error as Error;
  const reason =
    cause instanceof Error ? cause.message || String((cause as NodeJS.ErrnoException).code) : message;
  return new ControlError(
    { code: 'unreachable', detail: `${url} cannot be reached: ${reason}. Is the agent running?` },
    undefined,
    { cause: error },
  );
}

const TIMEOUT_MS = 10_000;

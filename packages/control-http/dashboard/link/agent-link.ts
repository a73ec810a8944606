import type {
  ControlClient,
  LimitSettings,
  PayloadOrder,
  PayloadStatus,
  WatchedEvent,
} from '@brine/control-http/client';
import { ControlError } from '@brine/control-http/client';

import type { Fact } from '../model/state.ts';
import type { TokenStore } from './token-store.ts';

/** What the link stands on. */
export interface LinkPorts {
  readonly tokens: TokenStore;
  /** A client of the agent that this page came from. */
  readonly open: (token: string) => ControlClient;
  readonly dispatch: (fact: Fact) => void;
  /** The state's `version`. */
  readonly version: () => number;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
  /** Resolves after so long, or at once when the signal says so. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** How an order ended; if it was refused, why, and the way out. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** Keeps the page connected to the agent: hears the event stream, comes back when it breaks, passes orders on. */
export class AgentLink {
  readonly #ports: LinkPorts;
  #client: ControlClient | undefined;
  #running: AbortController | undefined;
  #lastId: string | undefined;
  #closeup: string | undefined;
  #isLooking = false;
  #events = 0;

  constructor(ports: LinkPorts) {
    this.#ports = ports;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Connects, and stays connected until `stop`. With a token: that one, from now on. */
  start(token?: string): void {
    if (token !== undefined) this.#ports.tokens.set(token);
    this.stop();
    const running = new AbortController();
    this.#running = running;
    this.#ports.dispatch({ type: 'connecting' });
    void this.#run(running.signal);
  }

  stop(): void {
    this.#running?.abort();
    this.#running = undefined;
  }

  /** Looks at one payload closely from now on, or at none. */
  lookAt(name: string | undefined): void {
    this.#closeup = name;
    this.#ports.dispatch({ type: 'closeup', name });
    void this.#look();
  }

  pause(name: string): Promise<Outcome> {
    return this.#order((client) => client.pausePayload(name));
  }

  resume(name: string): Promise<Outcome> {
    return this.#order((client) => client.resumePayload(name));
  }

  verify(name: string): Promise<Outcome> {
    return this.#order((client) => client.verifyPayload(name));
  }

  put(name: string, order: PayloadOrder): Promise<Outcome> {
    return this.#order(async (client) => (await client.putPayload(name, order)).payload);
  }

  setPayloadLimits(name: string, limits: PayloadStatus['limits']): Promise<Outcome> {
    return this.#order((client) => client.putPayloadLimits(name, limits));
  }

  /** `keepData`: what is complete stays where it is. */
  remove(name: string, options: { readonly keepData: boolean }): Promise<Outcome> {
    return this.#order(async (client) => client.removePayload(name, options));
  }

  /** Undefined: as the agent's configuration has them. */
  setLimits(settings: LimitSettings | undefined): Promise<Outcome> {
    return this.#order(async (client) => {
      const limits = await (settings === undefined ? client.resetLimits() : client.putLimits(settings));
      this.#ports.dispatch({ type: 'limits', limits });
    });
  }

  async #order(call: (client: ControlClient) => Promise<PayloadStatus | void>): Promise<Outcome> {
    const client = this.#client;
    if (client === undefined) return { ok: false, detail: 'The agent is not connected.' };
    try {
      const status = await call(client);
      if (status !== undefined) this.#ports.dispatch({ type: 'answered', status });
      void this.#look();
      return { ok: true };
    } catch (error) {
      if (this.#isRefused(error)) this.stop();
      return { ok: false, detail: detailOf(error) };
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { tokens, open, dispatch, nowMs, wait } = this.#ports;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const token = tokens.get();
      if (token === undefined) {
        this.#running = undefined;
        return dispatch({ type: 'token-needed', why: 'missing', detail: '' });
      }
      this.#client = open(token);
      const heardBefore = this.#events;
      const detail = await this.#hear(this.#client, signal).catch((error: unknown) => {
        if (this.#isRefused(error)) this.stop();
        return detailOf(error);
      });
      if (signal.aborted) return;
      if (this.#events > heardBefore) failures = 0;
      dispatch({ type: 'away', atMs: nowMs(), detail });
      await wait(Math.min(RETRY_MS * 2 ** failures, RETRY_MS_MAX), signal);
    }
  }

  /** Until the stream ends; says why. Rejects with `ControlError`. */
  async #hear(client: ControlClient, signal: AbortSignal): Promise<string> {
    const connection = new Connection(signal);
    void this.#endWhenSilent(connection);
    try {
      const options = {
        signal: connection.signal,
        ...(this.#lastId === undefined ? {} : { lastId: this.#lastId }),
      };
      for await (const { id, event } of client.streamEvents(options)) {
        this.#events += 1;
        this.#lastId = id ?? this.#lastId;
        this.#ports.dispatch({ type: 'event', atMs: this.#ports.nowMs(), event });
        this.#follow(client, event, connection);
      }
      return connection.detail;
    } finally {
      connection.end('');
    }
  }

  /** The agent says something every few seconds; if not, the connection is dead, whatever the system believes. */
  async #endWhenSilent(connection: Connection): Promise<void> {
    for (let heard = -1; heard !== this.#events;) {
      heard = this.#events;
      await this.#ports.wait(SILENCE_MS, connection.signal);
      if (connection.signal.aborted) return;
    }
    connection.end('The agent has been silent for too long.');
  }

  /** Reads what an event does not say. What cannot be read ends the connection: the next one reads everything again. */
  #follow(client: ControlClient, event: WatchedEvent, connection: Connection): void {
    const { dispatch } = this.#ports;
    const read = <Answer>(answer: Promise<Answer>, take: (answer: Answer) => void): void =>
      void answer.then(take, (error: unknown) => connection.end(detailOf(error)));
    switch (event.type) {
      case 'hello':
      case 'reset':
        this.#readAll(client, read);
        return;
      case 'limits-changed':
        read(client.getLimits(), (limits) => dispatch({ type: 'limits', limits }));
        return;
      case 'engine':
        if (this.#events % SITE_EVERY === 0)
          read(client.getSite(), (site) => dispatch({ type: 'site', site }));
        void this.#look();
        return;
      case 'progress':
      case 'payload-phase':
      case 'payload-complete':
      case 'payload-trouble':
      case 'payload-recovered':
        void this.#look();
        return;
      case 'payload-ordered':
      case 'payload-removed':
      case 'stopping':
    }
  }

  /** The stream tells what changes; this is what it changes. */
  #readAll(client: ControlClient, read: Read): void {
    const { dispatch, version, nowMs } = this.#ports;
    const asOf = version();
    read(client.listPayloads(), (payloads) => dispatch({ type: 'listed', payloads, asOf }));
    read(client.getEngine(), (engine) => dispatch({ type: 'engine', engine }));
    read(client.getSite(), (site) => dispatch({ type: 'site', site }));
    read(client.getLimits(), (limits) => dispatch({ type: 'limits', limits }));
    read(client.getRates(), (rates) => dispatch({ type: 'rates', rates, atMs: nowMs() }));
    void this.#look();
  }

  /** One call at a time, however fast things change. */
  async #look(): Promise<void> {
    const [name, client] = [this.#closeup, this.#client];
    if (name === undefined || client === undefined || this.#isLooking) return;
    this.#isLooking = true;
    try {
      this.#ports.dispatch({ type: 'details', name, payload: await client.getPayload(name) });
    } catch (error) {
      if (error instanceof ControlError && error.code === 'payload-unknown')
        this.#ports.dispatch({ type: 'details', name, payload: undefined });
    } finally {
      this.#isLooking = false;
    }
    if (this.#closeup !== name) await this.#look();
  }

  /** Without the right token nothing can go on; it is to be typed again. */
  #isRefused(error: unknown): boolean {
    if (!(error instanceof ControlError) || !TOKEN_CODES.has(error.code)) return false;
    this.#ports.tokens.set(undefined);
    this.#ports.dispatch({ type: 'token-needed', why: 'wrong', detail: error.message });
    return true;
  }
}

type Read = <Answer>(answer: Promise<Answer>, take: (answer: Answer) => void) => void;

/** One stream, from its beginning to its end, and why it ended. */
class Connection {
  readonly #abort = new AbortController();
  detail = 'The agent ended the connection.';

  constructor(outer: AbortSignal) {
    const end = (): void => this.#abort.abort();
    outer.addEventListener('abort', end, { signal: this.#abort.signal });
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The first reason counts. */
  end(detail: string): void {
    if (!this.signal.aborted) this.detail = detail;
    this.#abort.abort();
  }
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const TOKEN_CODES: ReadonlySet<string> = new Set(['token-missing', 'token-wrong', 'too-many-attempts']);
const RETRY_MS = 500;
const RETRY_MS_MAX = 5_000;
const SILENCE_MS = 15_000;
/** The site is looked at with every so many events. */
const SITE_EVERY = 5;

import { readUint32 } from '../big-endian.ts';
import { WireError } from '../wire-error.ts';
import type { AnnounceRequest, AnnounceResponse, ScrapeEntry } from './announce.ts';
import { TrackerFailure } from './announce.ts';
import { decodeUdpPacket, encodeUdpAnnounce, encodeUdpConnect, encodeUdpScrape } from './udp-packet.ts';
import type { UdpTrackerPacket } from './udp-packet.ts';

/** A tracker's permission to ask, BEP 15. It may be used for several exchanges while it is fresh. */
export interface UdpConnection {
  /** 8 bytes. */
  readonly id: Uint8Array;
  readonly receivedMs: number;
}

/** What is asked. */
export type UdpTrackerQuestion =
  | { readonly kind: 'announce'; readonly request: AnnounceRequest }
  /** At most 74 info-hashes. */
  | { readonly kind: 'scrape'; readonly infoHashes: readonly Uint8Array[] };

export interface UdpTrackerExchangeOptions {
  readonly question: UdpTrackerQuestion;
  /** Family of the tracker's address. */
  readonly family: 4 | 6;
  /** Gives an unpredictable unsigned 32 bit number: it is all that tells an answer from a forged one. */
  readonly nextTransactionId: () => number;
  /** Path and query of the tracker's URL, BEP 41. Default: not sent. */
  readonly urlData?: string;
  /** What an earlier exchange with this tracker left in `connection`. Default: a new one is asked for. */
  readonly connection?: UdpConnection;
  /** How often a packet without answer is sent again before the exchange fails. Default and most: 8, as in BEP 15, over two hours. */
  readonly retransmitsMax?: number;
}

/** What has to happen next. After any event but `send` the exchange is over. */
export type UdpTrackerEvent =
  | { readonly type: 'send'; readonly bytes: Uint8Array }
  | { readonly type: 'announced'; readonly response: AnnounceResponse }
  | { readonly type: 'scraped'; readonly entries: readonly ScrapeEntry[] }
  | { readonly type: 'failed'; readonly error: WireError };

type State =
  | { readonly name: 'idle' }
  | {
      readonly name: 'connecting' | 'asking';
      readonly transactionId: number;
      readonly packet: Uint8Array;
      readonly deadlineMs: number;
    }
  | { readonly name: 'done' };

type Waiting = Extract<State, { readonly transactionId: number }>;

const CONNECTION_VALID_MS = 60_000;
const TIMEOUT_MS = 15_000;
const RETRANSMITS_MAX = 8;

/**
 * One question to a UDP tracker, BEP 15, without I/O and without a clock: connect, ask, and send again after 15·2ⁿ seconds.
 *
 * n grows with every packet that stays without answer and does not start again when a connection id has to be renewed, so
 * that a tracker which answers only to connects cannot keep an exchange alive. Datagrams that do not carry the transaction
 * id are not from the tracker and change nothing.
 */
export class UdpTrackerExchange {
  readonly #options: UdpTrackerExchangeOptions;
  #state: State = { name: 'idle' };
  #connection: UdpConnection | undefined;
  #retransmits = 0;

  constructor(options: UdpTrackerExchangeOptions) {
    this.#options = options;
    this.#connection = options.connection;
  }

  /** The connection, for the next exchange with this tracker. */
  get connection(): UdpConnection | undefined {
    return this.#connection;
  }

  /** When `timeout` wants to be called; undefined when nothing is awaited. */
  get nextTimeoutMs(): number | undefined {
    return isWaiting(this.#state) ? this.#state.deadlineMs : undefined;
  }

  /** Begins; returns the first packet. */
  start(nowMs: number): UdpTrackerEvent {
    return this.#send(nowMs);
  }

  /** A datagram from the tracker's address; undefined when it means nothing. Never throws for its bytes. */
  receive(bytes: Uint8Array, nowMs: number): UdpTrackerEvent | undefined {
    const state = this.#state;
    if (!isWaiting(state) || bytes.length < 8 || readUint32(bytes, 4) !== state.transactionId)
      return undefined;
    try {
      return this.#accept(decodeUdpPacket(bytes, this.#options.family), state.name, nowMs);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      return this.#fail(error);
    }
  }

  /** To be called at `nextTimeoutMs`: sends again, or gives up. Undefined when it is too early. */
  timeout(nowMs: number): UdpTrackerEvent | undefined {
    const state = this.#state;
    if (!isWaiting(state) || nowMs < state.deadlineMs) return undefined;
    if (this.#retransmits === (this.#options.retransmitsMax ?? RETRANSMITS_MAX))
      return this.#fail(new WireError('tracker-failure', 'the tracker does not answer'));
    this.#retransmits++;
    const renews = state.name === 'asking' && !this.#isConnected(nowMs);
    return renews ? this.#send(nowMs) : this.#await({ ...state, deadlineMs: this.#deadline(nowMs) });
  }

  #accept(packet: UdpTrackerPacket, awaited: Waiting['name'], nowMs: number): UdpTrackerEvent {
    if (packet.action === 'error') throw new TrackerFailure(packet.message);
    const { question } = this.#options;
    if (awaited === 'connecting' && packet.action === 'connect') {
      this.#connection = { id: packet.connectionId, receivedMs: nowMs };
      return this.#send(nowMs);
    }
    if (awaited === 'asking' && question.kind === 'announce' && packet.action === 'announce')
      return this.#finish({ type: 'announced', response: packet.response });
    if (awaited === 'asking' && question.kind === 'scrape' && packet.action === 'scrape')
      return this.#finish({ type: 'scraped', entries: withInfoHashes(packet.counts, question.infoHashes) });
    throw new WireError('tracker-malformed', `the tracker answers ${packet.action} while ${awaited}`);
  }

  /** Asks when there is a fresh connection, connects otherwise. */
  #send(nowMs: number): UdpTrackerEvent {
    const transactionId = this.#options.nextTransactionId();
    const deadlineMs = this.#deadline(nowMs);
    return this.#connection !== undefined && this.#isConnected(nowMs)
      ? this.#await({
          name: 'asking',
          transactionId,
          packet: this.#encodeQuestion(this.#connection.id, transactionId),
          deadlineMs,
        })
      : this.#await({
          name: 'connecting',
          transactionId,
          packet: encodeUdpConnect(transactionId),
          deadlineMs,
        });
  }

  #encodeQuestion(connectionId: Uint8Array, transactionId: number): Uint8Array {
    const { question, urlData } = this.#options;
    return question.kind === 'announce'
      ? encodeUdpAnnounce(connectionId, transactionId, question.request, urlData)
      : encodeUdpScrape(connectionId, transactionId, question.infoHashes);
  }

  #isConnected(nowMs: number): boolean {
    return this.#connection !== undefined && nowMs - this.#connection.receivedMs < CONNECTION_VALID_MS;
  }

  #deadline(nowMs: number): number {
    return nowMs + TIMEOUT_MS * 2 ** this.#retransmits;
  }

  #await(state: Waiting): UdpTrackerEvent {
    this.#state = state;
    return { type: 'send', bytes: state.packet };
  }

  #finish(event: UdpTrackerEvent): UdpTrackerEvent {
    this.#state = { name: 'done' };
    return event;
  }

  /** A connection id that led to a failure is not used again. */
  #fail(error: WireError): UdpTrackerEvent {
    this.#connection = undefined;
    return this.#finish({ type: 'failed', error });
  }
}

function isWaiting(state: State): state is Waiting {
  return state.name === 'connecting' || state.name === 'asking';
}

/** A tracker that knows fewer torrents answers for the first ones. */
function withInfoHashes(
  counts: readonly Omit<ScrapeEntry, 'infoHash'>[],
  infoHashes: readonly Uint8Array[],
): ScrapeEntry[] {
  return infoHashes.flatMap((infoHash, index) => {
    const count = counts[index];
    return count === undefined ? [] : [{ infoHash, ...count }];
  });
}

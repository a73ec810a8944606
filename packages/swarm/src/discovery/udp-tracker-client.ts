import {
  type AnnounceRequest,
  type PeerAddress,
  type UdpConnection,
  UdpTrackerExchange,
  type UdpTrackerEvent,
} from '@brine/wire';

import type { Clock } from '../ports/clock.ts';
import type { Datagram, Datagrams, DatagramSocket } from '../ports/datagrams.ts';
import type { Random } from '../ports/random.ts';

import { addressKey } from '../peers/address-key.ts';
import type { AnnounceOutcome } from './tracker-client.ts';
import { absence, failure, failureOf } from './tracker-trouble.ts';

/**
 * How often a packet without answer is sent again. BEP 15 goes up to eight times (over two hours); after two (105 s in all) the
 * next tracker of the tier deserves its chance, and the back-off of this one goes on doubling by itself.
 */
const UDP_RETRANSMITS_MAX = 2;
/** Announces under way at a time, over all torrents. */
export const UDP_EXCHANGES_MAX = 512;
/** Connection ids remembered at a time; the oldest go first. */
const CONNECTION_IDS_MAX = 256;

export interface UdpTrackerClientOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: Datagrams;
}

/**
 * The UDP tracker protocol (BEP 15) for all torrents of an engine, over one socket for each address family, bound when first
 * needed. An answer counts only if its transaction id is one of ours and it comes from the address that was asked; all else is
 * dropped in silence.
 */
export class UdpTrackerClient {
  readonly #options: UdpTrackerClientOptions;
  readonly #sockets = new Map<4 | 6, Promise<DatagramSocket>>();
  /** By transaction id. */
  readonly #exchanges = new Map<number, Exchange>();
  /** By server address, the oldest first. */
  readonly #connections = new Map<string, UdpConnection>();
  #closed = false;

  constructor(options: UdpTrackerClientOptions) {
    this.#options = options;
  }

  /** Addresses of a tracker's host; rejects like `Datagrams.resolve`. */
  resolve(host: string, trusted: boolean): Promise<readonly string[]> {
    return this.#options.datagrams.resolve(host, { trusted });
  }

  /**
   * Announces to one server: connects if there is no valid connection id, repeats what gets lost. `urlData` is the path and
   * query of the tracker's URL, BEP 41, empty for none. Never rejects.
   */
  async announce(
    server: PeerAddress,
    request: AnnounceRequest,
    urlData: string,
    until: Promise<void>,
  ): Promise<AnnounceOutcome> {
    if (this.#exchanges.size >= UDP_EXCHANGES_MAX) {
      return failure('tracker-busy', `${UDP_EXCHANGES_MAX} announces are under way already`);
    }
    try {
      const socket = await this.#socket(familyOf(server.ip));
      return await new Promise((finished) => {
        const exchange = new Exchange({ server, request, urlData, socket, finished });
        void until.then(() => this.#finish(exchange, cancelled));
        if (this.#closed) finished(cancelled);
        else this.#begin(exchange, this.#connections.get(addressKey(server)));
      });
    } catch (error) {
      // No socket of this family, as on a host without IPv6: no fault of the tracker's.
      const message = error instanceof Error ? error.message : String(error);
      return absence('tracker-unreachable', message);
    }
  }

  /** Gives up everything under way and closes the sockets. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const exchange of this.#exchanges.values()) this.#finish(exchange, cancelled);
    for (const socket of await Promise.allSettled(this.#sockets.values())) {
      if (socket.status === 'fulfilled') socket.value.close();
    }
  }

  #socket(family: 4 | 6): Promise<DatagramSocket> {
    const known = this.#sockets.get(family);
    if (known !== undefined) return known;
    const at = { ip: family === 4 ? '0.0.0.0' : '::', port: 0 };
    const binding = this.#options.datagrams.bind(at, (datagram) => this.#received(datagram));
    this.#sockets.set(family, binding);
    binding.catch(() => this.#sockets.delete(family));
    return binding;
  }

  #begin(exchange: Exchange, connection: UdpConnection | undefined): void {
    exchange.reusesConnection = connection !== undefined;
    exchange.machine = new UdpTrackerExchange({
      question: { kind: 'announce', request: exchange.request },
      family: familyOf(exchange.server.ip),
      nextTransactionId: () => this.#newTransaction(exchange),
      retransmitsMax: UDP_RETRANSMITS_MAX,
      ...(exchange.urlData !== '' && { urlData: exchange.urlData }),
      ...(connection !== undefined && { connection }),
    });
    this.#act(exchange, exchange.machine.start(this.#options.clock.nowMs()));
  }

  #newTransaction(exchange: Exchange): number {
    this.#exchanges.delete(exchange.transactionId);
    do {
      exchange.transactionId = new DataView(this.#options.random.bytes(4).buffer).getUint32(0);
    } while (this.#exchanges.has(exchange.transactionId));
    this.#exchanges.set(exchange.transactionId, exchange);
    return exchange.transactionId;
  }

  #received({ bytes, from }: Datagram): void {
    const transactionId = transactionIdOf(bytes);
    const exchange = transactionId === undefined ? undefined : this.#exchanges.get(transactionId);
    if (exchange?.machine === undefined || addressKey(exchange.server) !== addressKey(from)) return;
    const event = exchange.machine.receive(bytes, this.#options.clock.nowMs());
    if (event === undefined) return;
    this.#remember(exchange);
    if (event.type === 'failed' && exchange.reusesConnection) this.#begin(exchange, undefined);
    else this.#act(exchange, event);
  }

  #timedOut(exchange: Exchange): void {
    const event = exchange.machine?.timeout(this.#options.clock.nowMs());
    if (event === undefined) this.#plan(exchange);
    else if (event.type === 'send') this.#act(exchange, event);
    else {
      const { ip, port } = exchange.server;
      const message = `${ip} port ${port} left ${UDP_RETRANSMITS_MAX + 1} packets unanswered`;
      this.#finish(exchange, failure('tracker-timeout', message));
    }
  }

  #act(exchange: Exchange, event: UdpTrackerEvent): void {
    switch (event.type) {
      case 'send':
        exchange.socket.send(event.bytes, exchange.server);
        this.#plan(exchange);
        break;
      case 'announced':
        this.#finish(exchange, { type: 'answered', response: event.response });
        break;
      case 'failed':
        this.#finish(exchange, failureOf(event.error));
        break;
      case 'scraped':
        // Not asked for, so the machine does not report it.
        break;
    }
  }

  #plan(exchange: Exchange): void {
    const { clock } = this.#options;
    const timeoutMs = exchange.machine?.nextTimeoutMs;
    if (timeoutMs === undefined) return;
    exchange.cancelTimer();
    exchange.cancelTimer = clock.schedule(timeoutMs - clock.nowMs(), () => this.#timedOut(exchange));
  }

  /** Keeps the connection id that an exchange was given, or drops the one that was refused. */
  #remember({ server, machine }: Exchange): void {
    const key = addressKey(server);
    const connection = machine?.connection;
    if (connection === this.#connections.get(key)) return;
    this.#connections.delete(key);
    if (connection !== undefined) this.#connections.set(key, connection);
    for (const oldest of this.#connections.keys()) {
      if (this.#connections.size <= CONNECTION_IDS_MAX) break;
      this.#connections.delete(oldest);
    }
  }

  #finish(exchange: Exchange, outcome: AnnounceOutcome): void {
    exchange.cancelTimer();
    this.#exchanges.delete(exchange.transactionId);
    exchange.transactionId = noTransaction;
    exchange.finished(outcome);
  }
}

/** One announce under way. */
class Exchange {
  readonly server: PeerAddress;
  readonly request: AnnounceRequest;
  readonly urlData: string;
  readonly socket: DatagramSocket;
  readonly finished: (outcome: AnnounceOutcome) => void;
  machine: UdpTrackerExchange | undefined;
  transactionId = noTransaction;
  /**
   * It began with a connection id that an earlier one was given. A tracker that was restarted refuses those; then this exchange
   * begins anew, once.
   */
  reusesConnection = false;
  cancelTimer: () => void = () => undefined;

  constructor(options: Pick<Exchange, 'server' | 'request' | 'urlData' | 'socket' | 'finished'>) {
    this.server = options.server;
    this.request = options.request;
    this.urlData = options.urlData;
    this.socket = options.socket;
    this.finished = options.finished;
  }
}

/** No unsigned number, so no id. */
const noTransaction = -1;

const cancelled = failure('tracker-cancelled', 'the announce was given up');

/** Offset 4 of every answer, BEP 15. */
function transactionIdOf(bytes: Uint8Array): number | undefined {
  return bytes.length < 8 ? undefined : new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
}

export function familyOf(ip: string): 4 | 6 {
  return ip.includes(':') ? 6 : 4;
}

import type { PeerAddress, PeerEvent, PeerProtocol } from '@brine/wire';

import type { BandwidthQueue } from '../policy/bandwidth-queue.ts';
import type { RateLimiter } from '../policy/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
import type { ByteStream, StreamFailure } from '../ports/network.ts';
import { ReadThrottle } from './read-throttle.ts';

/** Who is told what a connection brings: the acceptor until the handshake names a torrent, then that torrent. */
export interface ConnectionOwner {
  /** The dialled stream is up; say hello. Not called for accepted ones. */
  connectionOpened(connection: PeerConnection): void;
  peerEvent(connection: PeerConnection, event: PeerEvent): void;
  /** Every event of one chunk has been told: the moment to ask for more and to send what is queued. */
  turnEnded(connection: PeerConnection): void;
  connectionClosed(connection: PeerConnection, reason: string): void;
}

export interface PeerConnectionParts {
  readonly stream: ByteStream;
  readonly protocol: PeerProtocol;
  readonly outgoing: boolean;
  readonly owner: ConnectionOwner;
  readonly clock: Clock;
}

/** A stream and the protocol machine on it: bytes become events, commands become bytes. Knows nothing of pieces. */
export class PeerConnection {
  readonly remote: PeerAddress;
  readonly outgoing: boolean;
  readonly protocol: PeerProtocol;
  readonly openedMs: number;
  lastReceivedMs: number;
  lastSentMs: number;
  readonly #stream: ByteStream;
  readonly #clock: Clock;
  #owner: ConnectionOwner;
  #throttle: ReadThrottle | undefined;
  #state: 'open' | 'closed' = 'open';
  /** Part of a frame is out, the rest not yet: other messages have to wait. */
  #midFrame = false;
  #closeReason: string | undefined;

  constructor({ stream, protocol, outgoing, owner, clock }: PeerConnectionParts) {
    this.remote = stream.remote;
    this.outgoing = outgoing;
    this.protocol = protocol;
    this.#stream = stream;
    this.#owner = owner;
    this.#clock = clock;
    this.openedMs = clock.nowMs();
    this.lastReceivedMs = this.openedMs;
    this.lastSentMs = this.openedMs;
  }

  get closed(): boolean {
    return this.#state === 'closed';
  }

  get local(): PeerAddress | undefined {
    return this.#stream.local;
  }

  /** Bytes of ours that the platform has not taken yet. */
  get unsentBytes(): number {
    return this.#stream.unsentBytes;
  }

  /** Lets events flow. */
  open(): void {
    this.#stream.open({
      connected: () => {
        this.#owner.connectionOpened(this);
        this.flush();
      },
      received: (bytes) => {
        this.#received(bytes);
      },
      closed: (failure) => {
        this.#ended(failure);
      },
    });
  }

  /** From now on somebody else is told. */
  handOver(owner: ConnectionOwner): void {
    this.#owner = owner;
  }

  /** Reading obeys this limiter from now on. */
  limitReading(limiter: RateLimiter, queue: BandwidthQueue): void {
    this.#throttle?.release();
    this.#throttle = new ReadThrottle(this.#stream, limiter, queue, this.#clock);
    this.#throttle.limitsChanged();
  }

  /** The limiter's rate, or one above it, changed. */
  limitsChanged(): void {
    this.#throttle?.limitsChanged();
  }

  /** Events that were held back while the acceptor looked for the torrent. */
  resume(): void {
    this.#dispatch(NOTHING);
  }

  /** Sends what the protocol has queued, unless half a frame is out. */
  flush(): void {
    if (this.#midFrame || this.#state === 'closed') return;
    const bytes = this.protocol.takeOutput();
    if (bytes === undefined) return;
    this.lastSentMs = this.#clock.nowMs();
    this.#stream.write(bytes);
  }

  /** Sends framed blocks, or a part of them. `boundary` tells that the last frame is whole with these bytes. */
  writeFrames(bytes: Uint8Array, boundary: boolean, flushed: () => void): void {
    this.flush();
    this.#midFrame = !boundary;
    this.lastSentMs = this.#clock.nowMs();
    this.#stream.write(bytes, flushed);
  }

  /** Ends the connection; `owner.connectionClosed` follows with this reason. */
  close(reason: string): void {
    if (this.#state === 'closed') return;
    this.#closeReason ??= reason;
    this.#stream.abort();
  }

  #received(bytes: Uint8Array): void {
    if (this.#state === 'closed' || this.#closeReason !== undefined) return;
    this.lastReceivedMs = this.#clock.nowMs();
    this.#throttle?.received(bytes.length);
    this.#dispatch(bytes);
  }

  #dispatch(bytes: Uint8Array): void {
    for (const event of this.protocol.receive(bytes)) {
      if (event.type === 'violation') this.close(`protocol violation: ${event.error.message}`);
      else this.#owner.peerEvent(this, event);
      if (this.#closeReason !== undefined) return;
    }
    this.#owner.turnEnded(this);
    this.flush();
  }

  #ended(failure: StreamFailure | undefined): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#throttle?.release();
    this.#owner.connectionClosed(this, this.#closeReason ?? failure?.message ?? 'closed by the peer');
  }
}

const NOTHING = new Uint8Array(0);

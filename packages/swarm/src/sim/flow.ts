import type { StreamFailure } from '../ports/network.ts';
import type { Occurrence, Scheduled } from './event-queue.ts';
import { Fifo } from './fifo.ts';
import { Hop } from './link.ts';
import type { Link } from './link.ts';
import type { SimClock } from './sim-clock.ts';
import type { SlabPool } from './slab-pool.ts';

/** How a connection behaves that is not a matter of rates. */
export interface TransportOptions {
  /** Segments are at most this long, default 64 KiB: what a read on a fast machine returns. */
  readonly segmentMax: number;
  /** Segments of a crowded flow are at least this long, default 4 KiB: smaller ones cost events and teach nothing. */
  readonly segmentMin: number;
  /** Bytes on the way in one direction at most, default 1 MiB. */
  readonly windowMax: number;
  /** How long a link's queue gets, beyond the latency; default 100 ms. */
  readonly queueMs: number;
  /** A sender gives up when nothing gets through for so long, default 60 s. */
  readonly retransmitTimeoutMs: number;
}

/** What a flow needs from the network around it. */
export interface Transit {
  readonly clock: SimClock;
  readonly slabs: SlabPool;
  readonly transport: TransportOptions;
}

/** The links between two hosts, in order, and the time that light and routers take. */
export interface Route {
  readonly links: readonly [Link, ...Link[]];
  readonly latencyMs: number;
  /** False while the hosts cannot reach each other. */
  readonly open: () => boolean;
}

/** Bytes on their way. `fin` marks the end of the stream. */
export class Segment implements Occurrence {
  readonly flow: Flow;
  readonly slab: Uint8Array;
  readonly length: number;
  readonly fin: boolean;
  /** The next link of the route that it comes to. */
  hop = 0;

  constructor(flow: Flow, slab: Uint8Array, length: number, fin: boolean) {
    this.flow = flow;
    this.slab = slab;
    this.length = length;
    this.fin = fin;
  }

  /** The latency is over. */
  happen(): void {
    this.flow.enter(this);
  }
}

/** The two ends of a flow, as it sees them. */
export interface FlowEnds {
  /** A segment has come through, in order. */
  arrived(segment: Segment): void;
  gaveUp(failure: StreamFailure): void;
}

/**
 * One direction of a connection. What the sender writes stays with it (`unsentBytes`) until the sender's link takes it; from then
 * on it counts as in flight until the receiver has read it. The window follows the flow's present share of the
 * narrowest link, times latency plus a short queue: what a good congestion control would come to. Acknowledgements travel for free.
 */
export class Flow {
  readonly #transit: Transit;
  readonly #route: Route;
  readonly #ends: FlowEnds;
  readonly #hops: readonly Hop[];
  readonly #writes = new Fifo<Write>();
  readonly #parked = new Fifo<Segment>();
  #written = 0;
  #unsentBytes = 0;
  #inFlightBytes = 0;
  #state: 'closed' | 'open' | 'ending' | 'ended' = 'closed';
  #givingUp: Scheduled | undefined;

  constructor(transit: Transit, route: Route, ends: FlowEnds) {
    this.#transit = transit;
    this.#route = route;
    this.#ends = ends;
    this.#hops = route.links.map((link, index) => new Hop(link, this, index));
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  /** Sent and not yet read by the receiver. */
  get inFlightBytes(): number {
    return this.#inFlightBytes;
  }

  /** The connection is established: what has been written meanwhile may go. */
  start(): void {
    if (this.#state === 'closed') this.#state = 'open';
    this.#offer();
  }

  write(bytes: Uint8Array, flushed: (() => void) | undefined): void {
    this.#writes.push({ bytes, flushed });
    this.#unsentBytes += bytes.length;
    this.#offer();
  }

  /** After what is queued, the end of the stream. */
  end(): void {
    this.#state = 'ending';
    this.#offer();
  }

  /** Drops what is queued; nothing more is sent. Returns what waited to be flushed: the owner is to be told. */
  stop(): readonly (() => void)[] {
    this.#state = 'ended';
    const flushes: (() => void)[] = [];
    for (let write = this.#writes.shift(); write !== undefined; write = this.#writes.shift()) {
      if (write.flushed !== undefined) flushes.push(write.flushed);
    }
    this.#unsentBytes = 0;
    this.#written = 0;
    this.#cancelGivingUp();
    return flushes;
  }

  get sendable(): boolean {
    if (this.#state === 'closed' || this.#state === 'ended') return false;
    if (this.#writes.length === 0 && this.#state !== 'ending') return false;
    if (this.#inFlightBytes > 0 && this.#inFlightBytes >= this.#window()) return false;
    return this.#passable();
  }

  /** The next segment for the sender's link: as many writes as fit. */
  cut(): Segment | undefined {
    if (!this.sendable) return undefined;
    const { slabs, transport } = this.#transit;
    const target = clamp(this.#window() / 4, transport.segmentMin, transport.segmentMax);
    const length = Math.floor(Math.min(this.#unsentBytes, target));
    const fin = this.#state === 'ending' && length === this.#unsentBytes;
    const slab = slabs.take(length);
    const flushes = this.#fill(slab, length);
    this.#unsentBytes -= length;
    this.#inFlightBytes += length;
    if (fin) this.#state = 'ended';
    const segment = new Segment(this, slab, length, fin);
    for (const flushed of flushes) flushed();
    return segment;
  }

  /** The segment has left the link that it was on. */
  passed(segment: Segment): void {
    segment.hop += 1;
    if (segment.hop === 1 && this.#route.latencyMs > 0)
      this.#transit.clock.after(this.#route.latencyMs, segment);
    else this.enter(segment);
  }

  /** The segment comes to its next link, or to the end. */
  enter(segment: Segment): void {
    const hop = this.#hops[segment.hop];
    if (hop !== undefined) {
      hop.waiting.push(segment);
      hop.link.offer(hop);
    } else if (this.#parked.length === 0 && this.#passable()) {
      this.#ends.arrived(segment);
    } else {
      this.#parked.push(segment);
    }
  }

  /** The receiver has read this much. */
  credit(length: number): void {
    this.#inFlightBytes -= length;
    this.#offer();
  }

  /** Whether the hosts reach each other has changed. What was on the way is sent again. */
  recheck(): void {
    if (!this.#route.open()) return;
    this.#cancelGivingUp();
    for (let segment = this.#parked.shift(); segment !== undefined; segment = this.#parked.shift()) {
      this.#transit.clock.after(this.#route.latencyMs, segment);
    }
    this.#offer();
  }

  #offer(): void {
    if (this.sendable) this.#hops[0]!.link.offer(this.#hops[0]!);
  }

  #passable(): boolean {
    if (this.#route.open()) {
      this.#cancelGivingUp();
      return true;
    }
    this.#givingUp ??= this.#transit.clock.after(this.#transit.transport.retransmitTimeoutMs, {
      happen: () => this.#ends.gaveUp(TIMED_OUT),
    });
    return false;
  }

  #cancelGivingUp(): void {
    if (this.#givingUp === undefined) return;
    this.#transit.clock.cancel(this.#givingUp);
    this.#givingUp = undefined;
  }

  #window(): number {
    let share = Infinity;
    for (const link of this.#route.links) {
      share = Math.min(share, link.bytesPerSecond / Math.max(1, link.activeFlows));
    }
    const horizonMs = this.#route.latencyMs + this.#transit.transport.queueMs;
    return Math.min(this.#transit.transport.windowMax, (share * horizonMs) / 1000);
  }

  #fill(slab: Uint8Array, length: number): readonly (() => void)[] {
    const flushes: (() => void)[] = [];
    let filled = 0;
    for (let write = this.#writes.first(); write !== undefined; write = this.#writes.first()) {
      const count = Math.min(write.bytes.length - this.#written, length - filled);
      slab.set(write.bytes.subarray(this.#written, this.#written + count), filled);
      filled += count;
      this.#written += count;
      if (this.#written < write.bytes.length) break;
      this.#written = 0;
      this.#writes.shift();
      if (write.flushed !== undefined) flushes.push(write.flushed);
    }
    return flushes;
  }
}

interface Write {
  readonly bytes: Uint8Array;
  readonly flushed: (() => void) | undefined;
}

const TIMED_OUT: StreamFailure = { code: 'ETIMEDOUT', message: 'nothing gets through to the peer' };

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

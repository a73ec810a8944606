import type { StreamFailure } from '../ports/network.ts';
import { copyWhatCounts } from './blank-memory.ts';
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
  /** Messages of the protocol count on links as this much of their bytes, default 1; payload always counts in full. */
  readonly messageWeight: number;
  /** How long a link's queue gets, beyond the latency; default 100 ms. */
  readonly queueMs: number;
  /** Received bytes are overwritten after the sink has seen them, default true: finds readers that keep views. */
  readonly overwrite: boolean;
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
  /** What it counts on links, in bytes. */
  readonly weight: number;
  readonly fin: boolean;
  /** The sender's own memory, not a slab of the pool. */
  readonly lent: boolean;
  /** The next link of the route that it comes to; EXPRESS for one that goes past them. */
  hop: number;

  constructor(
    flow: Flow,
    slab: Uint8Array,
    { length, weight, fin, lent, hop }: Pick<Segment, 'length' | 'weight' | 'fin' | 'lent' | 'hop'>,
  ) {
    this.flow = flow;
    this.slab = slab;
    this.length = length;
    this.weight = weight;
    this.fin = fin;
    this.lent = lent;
    this.hop = hop;
  }

  /** What came through. */
  get bytes(): Uint8Array {
    return this.slab.length === this.length ? this.slab : this.slab.subarray(0, this.length);
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
 *
 * A small message on a quiet flow goes past the queues of the links, as fair queueing lets sparse flows do (RFC 8290, section 4.2); the links
 * are charged for it. That is one event instead of one or two for each link, and most of a large swarm's traffic by number.
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
  /** A small message waits in a link's queue: what is written later must not overtake it. */
  #delayed = false;
  /** Segments that are on links, or between them. */
  #travelling = 0;
  /** Weight of the segment that is being filled. */
  #filledWeight = 0;
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
    if (flushed === undefined && this.#express(bytes)) return;
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
    if (this.#delayed) return false;
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
    this.#travelling += 1;
    const segment = new Segment(this, slab, {
      length,
      weight: this.#filledWeight,
      fin,
      lent: false,
      hop: 0,
    });
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
    const hop = segment.hop < 0 ? undefined : this.#hops[segment.hop];
    if (hop !== undefined) {
      if (hop.link.lets(segment)) {
        segment.hop += 1;
        this.enter(segment);
        return;
      }
      hop.waiting.push(segment);
      hop.link.waitingBytes += segment.weight;
      hop.link.offer(hop);
      return;
    }
    if (segment.hop === DELAYED) {
      this.#delayed = false;
      this.#offer();
    }
    if (segment.hop !== EXPRESS) {
      segment.hop = EXPRESS;
      this.#travelling -= 1;
    }
    if (this.#parked.length === 0 && this.#passable()) {
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

  /** Sends a small message past the queues; false when it has to take its turn. */
  #express(bytes: Uint8Array): boolean {
    const length = bytes.length;
    if (length > EXPRESS_MAX || this.#travelling > 0 || this.#writes.length > 0) return false;
    if (this.#state !== 'open' || !this.#passable()) return false;
    const { slabs, transport, clock } = this.#transit;
    const { links, latencyMs } = this.#route;
    for (const link of links) if (link.indebted) return false;
    let queueMs = 0;
    for (const link of links) queueMs += link.queueMs;
    const weight = length * transport.messageWeight;
    for (const link of links) link.charge(weight);
    const lent = !transport.overwrite;
    const slab = lent ? bytes : slabs.take(length);
    if (!lent) slab.set(bytes);
    this.#inFlightBytes += length;
    this.#delayed = queueMs > 0;
    if (this.#delayed) this.#travelling += 1;
    const hop = this.#delayed ? DELAYED : EXPRESS;
    clock.after(latencyMs + queueMs, new Segment(this, slab, { length, weight, fin: false, lent, hop }));
    return true;
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
    const { messageWeight } = this.#transit.transport;
    let filled = 0;
    let weight = 0;
    for (let write = this.#writes.first(); write !== undefined; write = this.#writes.first()) {
      const count = Math.min(write.bytes.length - this.#written, length - filled);
      copyWhatCounts(slab, filled, write.bytes.subarray(this.#written, this.#written + count));
      filled += count;
      weight += write.flushed === undefined ? count * messageWeight : count;
      this.#written += count;
      if (this.#written < write.bytes.length) break;
      this.#written = 0;
      this.#writes.shift();
      if (write.flushed !== undefined) flushes.push(write.flushed);
    }
    this.#filledWeight = weight;
    return flushes;
  }
}

/** The place of a segment that has no link before it any more. */
const EXPRESS = -1;
/** The same for one that waits as long as the links' queues take. */
const DELAYED = -2;
/** Longest message that goes past the queues. */
const EXPRESS_MAX = 1024;

interface Write {
  readonly bytes: Uint8Array;
  readonly flushed: (() => void) | undefined;
}

const TIMED_OUT: StreamFailure = { code: 'ETIMEDOUT', message: 'nothing gets through to the peer' };

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

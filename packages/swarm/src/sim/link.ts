import type { Occurrence } from './event-queue.ts';
import { Fifo } from './fifo.ts';
import type { Flow, Segment } from './flow.ts';
import type { SimClock } from './sim-clock.ts';

/** A flow's place at one link of its route: the segments that wait there. */
export class Hop {
  readonly link: Link;
  readonly flow: Flow;
  /** Position in the route; at 0 segments are cut from what the sender has written. */
  readonly index: number;
  readonly waiting: Fifo<Segment> = new Fifo();
  /** In the link's turn order, or on the link right now. */
  taking = false;
  /** Bytes that it may still send in this turn; negative after a segment that was longer. */
  allowance = 0;

  constructor(link: Link, flow: Flow, index: number) {
    this.link = link;
    this.flow = flow;
    this.index = index;
  }

  take(): Segment | undefined {
    if (this.index === 0) return this.flow.cut();
    const segment = this.waiting.shift();
    this.link.waitingBytes -= segment?.weight ?? 0;
    return segment;
  }

  get ready(): boolean {
    return this.index === 0 ? this.flow.sendable : this.waiting.length > 0;
  }
}

/**
 * One direction of a cable, an access line or a site's line: carries one segment at a time at its rate, flows in turn. Turns are
 * equal in bytes (deficit round robin, Shreedhar and Varghese 1995), as with fair queueing in routers; together with the
 * windows of flows that comes close to max-min sharing over a graph of links.
 */
export class Link implements Occurrence {
  readonly name: string;
  /** May change at any time; holds from the next segment on. Infinity takes no time. */
  bytesPerSecond: number;
  /** Payload bytes carried so far. */
  bytesCarried = 0;
  /** Bytes that have come to this link and wait; those that have not left their sender are not among them. */
  waitingBytes = 0;
  /** Nobody goes past the queue: what is small waits as long as what came before it, as in a router without fair queueing. */
  firstComeFirstServed = false;
  readonly #clock: SimClock;
  readonly #turns = new Fifo<Hop>();
  /** Weight of what went past the queue and was not yet made up for, as of `#debtMs`. */
  #debt = 0;
  #debtMs = 0;
  #busy = false;
  #hop: Hop | undefined;
  #segment: Segment | undefined;

  constructor(clock: SimClock, name: string, bytesPerSecond: number) {
    this.#clock = clock;
    this.name = name;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Flows that want to send here right now. */
  get activeFlows(): number {
    return this.#turns.length + (this.#segment === undefined ? 0 : 1);
  }

  /** How long something small waits here. */
  get queueMs(): number {
    if (!this.firstComeFirstServed || this.bytesPerSecond === Infinity) return 0;
    return ((this.waitingBytes + (this.#segment?.weight ?? 0)) / this.bytesPerSecond) * 1000;
  }

  /** So much went past the queue that the next has to wait its turn. */
  get indebted(): boolean {
    return this.#debt > 0 && this.#debtNow() > this.bytesPerSecond * DEBT_SECONDS_MAX;
  }

  /** Something small goes past the queue; what is in the queue waits the longer for it. */
  charge(weight: number): void {
    this.bytesCarried += weight;
    this.#debt = this.#debtNow() + weight;
    this.#debtMs = this.#clock.nowMs();
  }

  /**
   * True when a segment passes without an event: nobody waits, and it takes next to no time here. Packets of a real one would long be on
   * the next link by the time that its last one enters this one; what it takes is a debt, so that the rate holds all the same.
   */
  lets(segment: Segment): boolean {
    return !this.#busy && this.#passes(segment);
  }

  /**
   * A hop has something to send. At a sender's own link the start is an event of its own: all that is written in one instant leaves
   * together, and `flushed` never runs inside a call of the owner's.
   */
  offer(hop: Hop): void {
    if (hop.taking) return;
    hop.taking = true;
    this.#turns.push(hop);
    if (this.#busy) return;
    this.#busy = true;
    if (hop.index === 0) this.#clock.after(0, this);
    else this.#startNext();
  }

  happen(): void {
    const hop = this.#hop;
    const segment = this.#segment;
    if (hop !== undefined && segment !== undefined) {
      this.#hop = undefined;
      this.#segment = undefined;
      this.#debtMs = this.#clock.nowMs();
      this.bytesCarried += segment.weight;
      hop.allowance -= segment.weight;
      hop.flow.passed(segment);
      if (this.#serve(hop)) return;
    }
    this.#startNext();
  }

  #startNext(): void {
    for (let hop = this.#turns.shift(); hop !== undefined; hop = this.#turns.shift()) {
      hop.allowance = Math.min(hop.allowance, 0) + this.#turnBytes();
      if (this.#serve(hop)) return;
    }
    this.#busy = false;
  }

  /** Goes on with a hop's turn; true when one of its segments is on the link now and takes its time. */
  #serve(hop: Hop): boolean {
    while (hop.allowance > 0) {
      const segment = hop.take();
      if (segment === undefined) {
        hop.taking = false;
        return false;
      }
      if (!this.#passes(segment)) {
        const weight = segment.weight + this.#debtNow();
        this.#debt = 0;
        this.#hop = hop;
        this.#segment = segment;
        this.#clock.after((weight / this.bytesPerSecond) * 1000, this);
        return true;
      }
      hop.allowance -= segment.weight;
      hop.flow.passed(segment);
    }
    if (hop.ready) this.#turns.push(hop);
    else hop.taking = false;
    return false;
  }

  #passes(segment: Segment): boolean {
    if (this.bytesPerSecond !== Infinity) {
      if (segment.weight > this.bytesPerSecond * INSTANT_SECONDS || this.indebted) return false;
    }
    this.charge(segment.weight);
    return true;
  }

  /** Debts are made up for by and by, and by the next segment that takes its time. */
  #debtNow(): number {
    if (this.#debt === 0 || this.bytesPerSecond === Infinity) return 0;
    const seconds = this.#segment === undefined ? (this.#clock.nowMs() - this.#debtMs) / 1000 : 0;
    return Math.max(0, this.#debt - this.bytesPerSecond * seconds);
  }

  #turnBytes(): number {
    return Math.min(TURN_BYTES_MAX, Math.max(TURN_BYTES_MIN, this.bytesPerSecond * TURN_SECONDS));
  }
}

/** Long enough for few events, short enough that a crowd of flows does not make each other wait. */
const TURN_SECONDS = 0.02;
const TURN_BYTES_MIN = 4096;
/** What may go past the queue ahead of its time. */
const DEBT_SECONDS_MAX = 0.02;
/** What takes no longer needs no event of its own. */
const INSTANT_SECONDS = 0.005;
const TURN_BYTES_MAX = 65536;

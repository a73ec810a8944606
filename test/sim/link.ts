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
  readonly waiting = new Fifo<Segment>();
  /** In the link's turn order, or on the link right now. */
  taking = false;

  constructor(link: Link, flow: Flow, index: number) {
    this.link = link;
    this.flow = flow;
    this.index = index;
  }

  take(): Segment | undefined {
    return this.index === 0 ? this.flow.cut() : this.waiting.shift();
  }

  get ready(): boolean {
    return this.index === 0 ? this.flow.sendable : this.waiting.length > 0;
  }
}

/**
 * One direction of a cable, an access line or a site's line: carries one segment at a time at its rate, flows in turn. Taking turns by
 * segment is what fair queueing does in routers, and together with the windows of flows it comes close to max-min sharing
 * over a graph of links.
 */
export class Link implements Occurrence {
  readonly name: string;
  /** May change at any time; holds from the next segment on. Infinity takes no time. */
  bytesPerSecond: number;
  /** Payload bytes carried so far. */
  bytesCarried = 0;
  readonly #clock: SimClock;
  readonly #turns = new Fifo<Hop>();
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
      this.bytesCarried += segment.length;
      if (hop.ready) this.#turns.push(hop);
      else hop.taking = false;
      hop.flow.passed(segment);
    }
    this.#startNext();
  }

  #startNext(): void {
    for (;;) {
      const hop = this.#turns.shift();
      if (hop === undefined) break;
      const segment = hop.take();
      if (segment === undefined) {
        hop.taking = false;
        continue;
      }
      this.#hop = hop;
      this.#segment = segment;
      this.#clock.after((segment.length / this.bytesPerSecond) * 1000, this);
      return;
    }
    this.#busy = false;
  }
}

/**
 * Who waits for bandwidth, and who gets it next. Waiting consumers hang on their limiters as leaves on a tree; at each tick the
 * tokens of a root are handed down: equal slices to the waiting branches, equal slices to the consumers of each branch, in turn
 * when there are fewer tokens than make sensible slices. What one does not use goes to the others. So a torrent with a hundred
 * connections gets no more than one with two, and a connection of it no more than its neighbour (max-min fairness).
 */
import type { RateLimiter } from './rate-limiter.ts';

/** Somebody for whom `take` was not enough. */
export interface BandwidthConsumer {
  readonly limiter: RateLimiter;
  /**
   * Here are so many bytes; answers how many were used. Who uses less wants no more and leaves the queue by that. May `join` and
   * `leave`; `take` grants nothing meanwhile.
   */
  offer(bytes: number): number;
}

export interface BandwidthQueueOptions {
  /** Runs a task once after a delay; returns what cancels it. */
  readonly schedule: (delayMs: number, task: () => void) => () => void;
  readonly nowMs: () => number;
}

/** Slower ticks would make consumers stutter; buckets last for five of them. */
const TICK_MS = 50;
/** Faster ones would only cost. */
const TICK_MIN_MS = 5;
/** When this much is there a tick is worth while: one block. */
const TICK_BYTES = 16 * 1024;
/** Smaller slices are not cut, but handed out in turn: they would be packets nearly empty. One Ethernet frame. */
const SLICE_MIN = 1_460;
/** Rounds in which the rest is offered to those who are still there, or there again; what is left then stays in the buckets. */
const ROUNDS_MAX = 4_096;
/** Most that is offered at once where a limit was lifted while consumers waited. */
const OFFER_MAX = 2 ** 30;

export class BandwidthQueue {
  readonly #schedule: BandwidthQueueOptions['schedule'];
  readonly #nowMs: () => number;
  readonly #branches = new Map<RateLimiter, Branch>();
  readonly #roots = new Set<Branch>();
  /** Cancels the tick that is due; undefined while nobody waits. */
  #cancel: (() => void) | undefined;
  #ticking = false;

  constructor(options: BandwidthQueueOptions) {
    this.#schedule = options.schedule;
    this.#nowMs = options.nowMs;
  }

  /** Waits, at the end of the line, until `leave` or an offer that is not used up. Keeps its place when it waits already. */
  join(consumer: BandwidthConsumer): void {
    this.#branchOf(consumer.limiter).join(consumer);
    this.#scheduleTick();
  }

  leave(consumer: BandwidthConsumer): void {
    const branch = this.#branches.get(consumer.limiter);
    // While ticking, branches stay: who left may join again at once.
    if (branch?.leave(consumer) !== true || this.#ticking) return;
    this.#prune(branch);
    if (this.#roots.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(): void {
    this.#cancel = undefined;
    this.#ticking = true;
    const nowMs = this.#nowMs();
    for (const root of this.#roots) root.serve(OFFER_MAX, nowMs);
    for (const branch of this.#branches.values()) this.#prune(branch);
    this.#ticking = false;
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    if (this.#ticking || this.#cancel !== undefined || this.#roots.size === 0) return;
    let waitMs = TICK_MS;
    for (const branch of this.#branches.values()) {
      if (branch.hasConsumers) waitMs = Math.min(waitMs, branch.limiter.waitMs(this.#nowMs(), TICK_BYTES));
    }
    this.#cancel = this.#schedule(Math.max(TICK_MIN_MS, waitMs), () => this.#tick());
  }

  #branchOf(limiter: RateLimiter): Branch {
    const known = this.#branches.get(limiter);
    if (known !== undefined) return known;
    const branch = new Branch(limiter);
    limiter.reserved = true;
    this.#branches.set(limiter, branch);
    if (limiter.parent === undefined) this.#roots.add(branch);
    else this.#branchOf(limiter.parent).join(branch);
    return branch;
  }

  /** A branch on which nobody waits goes, and those above it if it was the last. */
  #prune(branch: Branch): void {
    if (!branch.empty || this.#branches.get(branch.limiter) !== branch) return;
    this.#branches.delete(branch.limiter);
    branch.limiter.reserved = false;
    this.#roots.delete(branch);
    if (branch.limiter.parent === undefined) return;
    const above = this.#branches.get(branch.limiter.parent);
    if (above === undefined) return;
    above.leave(branch);
    this.#prune(above);
  }
}

/** The waiting below one limiter. */
class Branch {
  readonly limiter: RateLimiter;
  /** Who has waited longest first; each with the number of its joining, which tells whether it joined again since. */
  readonly #waiting = new Map<BandwidthConsumer | Branch, number>();
  #joinings = 0;

  constructor(limiter: RateLimiter) {
    this.limiter = limiter;
  }

  get empty(): boolean {
    return this.#waiting.size === 0;
  }

  /** Not only other branches. */
  get hasConsumers(): boolean {
    for (const entry of this.#waiting.keys()) if (!(entry instanceof Branch)) return true;
    return false;
  }

  join(entry: BandwidthConsumer | Branch): void {
    this.#waiting.set(entry, ++this.#joinings);
  }

  leave(entry: BandwidthConsumer | Branch): boolean {
    return this.#waiting.delete(entry);
  }

  /** Shares at most `bytes`, and no more than the limiter has, among the waiting; answers how many were used. */
  serve(bytes: number, nowMs: number): number {
    const budget = Math.min(bytes, this.limiter.available(nowMs));
    // Spent before it is shared out: consumers may look at the limiter meanwhile.
    this.limiter.spend(budget);
    let left = budget;
    const sated = new Set<BandwidthConsumer | Branch>();
    for (let round = 0; round < ROUNDS_MAX && left > 0; round++) {
      const hungry = [...this.#waiting.keys()].filter((entry) => !sated.has(entry));
      if (hungry.length === 0) break;
      const served = Math.min(hungry.length, Math.max(1, Math.floor(left / SLICE_MIN)));
      const slice = Math.floor(left / served);
      for (const entry of hungry.slice(0, served)) {
        const used = this.#offer(entry, slice, nowMs);
        left -= used;
        if (used === 0 || (entry instanceof Branch && used < slice)) sated.add(entry);
      }
    }
    this.limiter.spend(-left);
    return budget - left;
  }

  #offer(entry: BandwidthConsumer | Branch, slice: number, nowMs: number): number {
    if (!this.leave(entry)) return 0;
    // To the end of the line; before the offer, because it may leave or join again in it.
    this.join(entry);
    if (entry instanceof Branch) return entry.serve(slice, nowMs);
    const joining = this.#joinings;
    const used = entry.offer(slice);
    if (used < slice && this.#waiting.get(entry) === joining) this.leave(entry);
    return used;
  }
}

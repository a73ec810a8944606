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

/** Smaller slices are not cut, but handed out in turn: they would be packets nearly empty. One Ethernet frame. */
export const SLICE_MIN = 1_460;
/** Rounds in which the rest is offered to those who are still there, or there again; what is left then stays in the buckets. */
const ROUNDS_MAX = 4_096;

/** The waiting below one limiter. */
export class Branch {
  readonly limiter: RateLimiter;
  /** Who has waited longest first; each with the number of its joining, which tells whether it joined again since. */
  readonly #waiting = new Map<BandwidthConsumer | Branch, number>();
  #joinings = 0;
  /** What it may still take from the bucket beside its limiter in this pass; see `SharedTurns`. */
  allotted: number = Infinity;

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
    const budget = Math.min(bytes, this.allotted, this.limiter.available(nowMs));
    // Spent before it is shared out: consumers may look at the limiter meanwhile.
    this.limiter.spend(budget);
    this.allotted -= budget;
    let left = budget;
    const sated = new Set<BandwidthConsumer | Branch>();
    for (let round = 0; round < ROUNDS_MAX && left > 0; round++) {
      // A remnant would cost somebody a turn for a handful of bytes; it is there at the next tick, too.
      if (left < SLICE_MIN && left < budget) break;
      const hungry = [...this.#waiting.keys()].filter((entry) => !sated.has(entry));
      if (hungry.length === 0) break;
      const served = Math.min(hungry.length, Math.max(1, Math.floor(left / SLICE_MIN)));
      const slice = Math.floor(left / served);
      for (const entry of hungry.slice(0, served)) {
        const used = this.#offer(entry, slice, nowMs);
        left -= used;
        if (used === 0 || (entry instanceof Branch && slice - used >= SLICE_MIN)) sated.add(entry);
      }
    }
    this.limiter.spend(-left);
    this.allotted += left;
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

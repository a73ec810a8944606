/**
 * Who waits for bandwidth, and who gets it next. Waiting consumers hang on their limiters as leaves on a tree; at each tick the
 * tokens of a root are handed down: equal slices to the waiting branches, equal slices to the consumers of each branch, in turn
 * when there are fewer tokens than make sensible slices. What one does not use goes to the others. So a torrent with a hundred
 * connections gets no more than one with two, and a connection of it no more than its neighbour (max-min fairness). Branches that
 * share a bucket beside the tree get equal slices of it as well.
 */
import { Branch } from './bandwidth-branch.ts';
import type { BandwidthConsumer } from './bandwidth-branch.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { SharedTurns } from './shared-turns.ts';

export type { BandwidthConsumer };

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
/** Most that is offered at once where a limit was lifted while consumers waited. */
const OFFER_MAX = 2 ** 30;
/** A bucket beside the tree is shared by no more branches than there are classes; what one leaves goes to the next in another pass. */
const PASSES_MAX = 4;

export class BandwidthQueue {
  readonly #schedule: BandwidthQueueOptions['schedule'];
  readonly #nowMs: () => number;
  readonly #branches = new Map<RateLimiter, Branch>();
  readonly #roots = new Set<Branch>();
  /** For each bucket beside the tree, the branches that wait for it. */
  readonly #shared = new Map<RateLimiter, SharedTurns>();
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

  /** To be called after some limiter's `setRate`: who was stopped may go on. */
  ratesChanged(): void {
    this.#scheduleTick();
  }

  #tick(): void {
    this.#cancel = undefined;
    this.#ticking = true;
    const nowMs = this.#nowMs();
    for (const turns of this.#shared.values()) turns.begin();
    let more = true;
    for (let pass = 0; pass < PASSES_MAX && more; pass += 1) {
      for (const turns of this.#shared.values()) turns.divide(nowMs);
      for (const root of this.#roots) root.serve(OFFER_MAX, nowMs);
      more = false;
      for (const turns of this.#shared.values()) more = turns.settle() || more;
    }
    for (const branch of this.#branches.values()) {
      branch.limiter.noticeDry();
      this.#prune(branch);
    }
    this.#ticking = false;
    this.#scheduleTick();
  }

  #scheduleTick(): void {
    if (this.#ticking || this.#cancel !== undefined || this.#roots.size === 0) return;
    const nowMs = this.#nowMs();
    let waitMs = Infinity;
    for (const branch of this.#branches.values()) {
      if (branch.hasConsumers) waitMs = Math.min(waitMs, branch.limiter.waitMs(nowMs, TICK_BYTES));
    }
    // All are stopped, perhaps for hours: the next news is a change of rates.
    if (waitMs === Infinity) return;
    this.#cancel = this.#schedule(Math.max(TICK_MIN_MS, Math.min(TICK_MS, waitMs)), () => this.#tick());
  }

  #branchOf(limiter: RateLimiter): Branch {
    const known = this.#branches.get(limiter);
    if (known !== undefined) return known;
    const branch = new Branch(limiter);
    this.#reserve(branch);
    this.#branches.set(limiter, branch);
    if (limiter.parent === undefined) this.#roots.add(branch);
    else this.#branchOf(limiter.parent).join(branch);
    return branch;
  }

  /** A branch on which nobody waits goes, and those above it if it was the last. */
  #prune(branch: Branch): void {
    if (!branch.empty || this.#branches.get(branch.limiter) !== branch) return;
    this.#branches.delete(branch.limiter);
    this.#unreserve(branch);
    this.#roots.delete(branch);
    if (branch.limiter.parent === undefined) return;
    const above = this.#branches.get(branch.limiter.parent);
    if (above === undefined) return;
    above.leave(branch);
    this.#prune(above);
  }

  /** Nobody may jump the line of somebody who waits here. */
  #reserve(branch: Branch): void {
    const { limiter } = branch;
    limiter.waiting += 1;
    if (limiter.also === undefined) return;
    limiter.also.waiting += 1;
    const turns = this.#shared.get(limiter.also) ?? new SharedTurns(limiter.also);
    this.#shared.set(limiter.also, turns);
    turns.join(branch);
  }

  #unreserve(branch: Branch): void {
    const { limiter } = branch;
    limiter.waiting -= 1;
    if (limiter.also === undefined) return;
    limiter.also.waiting -= 1;
    if (this.#shared.get(limiter.also)?.leave(branch) === 'empty') this.#shared.delete(limiter.also);
  }
}

/*
 * Who gets the bytes when there are not enough for all. Consumers that found the bucket empty wait here; every 50 ms what has
 * accrued is shared among them in equal slices, torrent by torrent, each round beginning with the next one, so that neither many
 * peers nor an early place in the queue give a torrent more than its share. Without waiting consumers there is no timer.
 */
import type { RateLimiter } from './rate-limiter.ts';

/** Short enough for a smooth rate, long enough to cost nothing. */
const TICK_MS = 50;

/** Somebody who wants to move bytes and has to wait for them. */
export interface BandwidthConsumer {
  /** The bucket that its bytes come from. */
  readonly limiter: RateLimiter;
  /** Offers bytes, above 0; answers how many are used. A consumer that needs no more leaves the queue from inside this call. */
  offer(bytes: number): number;
}

export interface BandwidthQueueOptions {
  readonly nowMs: () => number;
  readonly schedule: (delayMs: number, task: () => void) => () => void;
}

export class BandwidthQueue {
  readonly #options: BandwidthQueueOptions;
  /** By bucket, that is by torrent; insertion order is the order of turns. */
  readonly #waiting = new Map<RateLimiter, Set<BandwidthConsumer>>();
  #ticking = false;

  constructor(options: BandwidthQueueOptions) {
    this.#options = options;
  }

  join(consumer: BandwidthConsumer): void {
    const group = this.#waiting.get(consumer.limiter);
    if (group === undefined) this.#waiting.set(consumer.limiter, new Set([consumer]));
    else group.add(consumer);
    this.#tickSoon();
  }

  leave(consumer: BandwidthConsumer): void {
    const group = this.#waiting.get(consumer.limiter);
    group?.delete(consumer);
    if (group?.size === 0) this.#waiting.delete(consumer.limiter);
  }

  #tickSoon(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    this.#options.schedule(TICK_MS, () => {
      this.#ticking = false;
      this.#share();
      if (this.#waiting.size > 0) this.#tickSoon();
    });
  }

  #share(): void {
    const nowMs = this.#options.nowMs();
    const groups = [...this.#waiting];
    let groupsLeft = groups.length;
    for (const [limiter, consumers] of groups) {
      let budget = shareOf(limiter, nowMs, groupsLeft);
      groupsLeft -= 1;
      let left = consumers.size;
      for (const consumer of [...consumers]) {
        const slice = Math.ceil(budget / left);
        left -= 1;
        budget -= this.#serve(consumer, Math.min(slice, budget), nowMs);
      }
      this.#moveToEnd(limiter);
    }
  }

  /** Bytes that the consumer used; it goes to the end of its group. */
  #serve(consumer: BandwidthConsumer, slice: number, nowMs: number): number {
    const granted = consumer.limiter.take(nowMs, slice);
    if (granted === 0) return 0;
    const group = this.#waiting.get(consumer.limiter);
    if (group?.delete(consumer) === true) group.add(consumer);
    const used = consumer.offer(granted);
    consumer.limiter.giveBack(granted - used);
    return used;
  }

  #moveToEnd(limiter: RateLimiter): void {
    const group = this.#waiting.get(limiter);
    if (group === undefined) return;
    this.#waiting.delete(limiter);
    this.#waiting.set(limiter, group);
  }
}

/** What a torrent may use of what there is: all that its own bucket has, and an equal part of what it shares with others. */
function shareOf(limiter: RateLimiter, nowMs: number, sharers: number): number {
  const available = limiter.available(nowMs, Number.MAX_SAFE_INTEGER);
  const common = limiter.parent?.available(nowMs, Number.MAX_SAFE_INTEGER) ?? available;
  return Math.min(available, Math.ceil(common / sharers));
}

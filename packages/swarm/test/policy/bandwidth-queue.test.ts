import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { BandwidthQueue } from '../../src/policy/bandwidth-queue.ts';
import type { BandwidthConsumer } from '../../src/policy/bandwidth-queue.ts';
import { RateLimiter } from '../../src/policy/rate-limiter.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Always hungry, at most `appetite` bytes at a time. */
class Eater implements BandwidthConsumer {
  readonly limiter: RateLimiter;
  readonly appetite: number;
  eaten = 0;

  constructor(limiter: RateLimiter, appetite = Infinity) {
    this.limiter = limiter;
    this.appetite = appetite;
  }

  offer(bytes: number): number {
    const used = Math.min(bytes, this.appetite);
    this.eaten += used;
    return used;
  }
}

function setUp(rate: number): { clock: VirtualClock; queue: BandwidthQueue; engine: RateLimiter } {
  const clock = new VirtualClock();
  return { clock, queue: new BandwidthQueue(clock), engine: new RateLimiter(undefined, rate) };
}

function eatersOf(queue: BandwidthQueue, limiter: RateLimiter, count: number): Eater[] {
  const eaters = Array.from({ length: count }, () => new Eater(limiter));
  for (const eater of eaters) queue.join(eater);
  return eaters;
}

const total = (eaters: readonly Eater[]): number => eaters.reduce((sum, { eaten }) => sum + eaten, 0);

describe('the bandwidth queue', () => {
  it.each([1_024, 100_000, 10_000_000, 1_000_000_000])(
    'keeps %d bytes per second within 3 per cent over 10 s',
    (rate) => {
      const { clock, queue, engine } = setUp(rate);
      const eaters = eatersOf(queue, engine, 7);
      clock.advanceTo(10_000);
      expect(total(eaters)).toBeLessThanOrEqual(rate * 10);
      expect(total(eaters)).toBeGreaterThan(rate * 10 * 0.97);
    },
  );

  it('gives torrents equal shares however many connections they have, and connections of a torrent too', () => {
    const { clock, queue, engine } = setUp(100_000);
    const crowded = eatersOf(queue, new RateLimiter(engine), 40);
    const lonely = eatersOf(queue, new RateLimiter(engine), 1);
    clock.advanceTo(60_000);
    expect(total(crowded) / total(lonely)).toBeCloseTo(1, 1);
    const each = crowded.map(({ eaten }) => eaten);
    expect(Math.max(...each) / Math.min(...each)).toBeLessThan(1.1);
  });

  it('gives what a limited torrent cannot use to the others', () => {
    const { clock, queue, engine } = setUp(1_000_000);
    const limited = eatersOf(queue, new RateLimiter(engine, 50_000), 5);
    const stopped = eatersOf(queue, new RateLimiter(engine, 0), 5);
    const free = eatersOf(queue, new RateLimiter(engine), 2);
    clock.advanceTo(10_000);
    expect(total(limited)).toBeGreaterThan(480_000);
    expect(total(stopped)).toBe(0);
    expect(total(free)).toBeGreaterThan(9_200_000);
  });

  it('loses nothing of a low limit to branches that cannot use theirs', () => {
    const { clock, queue, engine } = setUp(10_000);
    for (let torrent = 0; torrent < 20; torrent++) eatersOf(queue, new RateLimiter(engine, 0), 1);
    const free = eatersOf(queue, new RateLimiter(engine), 1);
    clock.advanceTo(10_000);
    expect(total(free)).toBeGreaterThan(97_000);
  });

  it('reaches the limit with one connection that takes a block at a time and comes again', () => {
    const { clock, queue, engine } = setUp(200_000_000);
    let eaten = 0;
    const sender: BandwidthConsumer = {
      limiter: engine,
      offer(bytes) {
        const used = Math.min(bytes, 16_384);
        eaten += used;
        queue.leave(sender);
        queue.join(sender);
        return used;
      },
    };
    queue.join(sender);
    clock.advanceTo(5_000);
    expect(eaten).toBeGreaterThan(970_000_000);
    expect(eaten).toBeLessThanOrEqual(1_000_000_000);
  });

  it('has no timer while nobody waits', () => {
    const { clock, queue, engine } = setUp(1_000);
    expect(clock.pending).toBe(0);
    const eaters = eatersOf(queue, new RateLimiter(engine), 3);
    expect(clock.pending).toBe(1);
    for (const eater of eaters) queue.leave(eater);
    expect(clock.pending).toBe(0);
    queue.join(new Eater(engine, 10));
    clock.advanceTo(1_000);
    expect(clock.pending).toBe(0);
  });

  it('lets nobody jump the line', () => {
    const { clock, queue, engine } = setUp(1_000);
    const torrent = new RateLimiter(engine);
    const other = new RateLimiter(engine);
    engine.take(0, 0);
    const eater = new Eater(torrent);
    queue.join(eater);
    expect([torrent.take(40, 10), other.take(40, 10), engine.take(40, 10)]).toEqual([0, 0, 0]);
    queue.leave(eater);
    expect(other.take(40, 10)).toBe(10);
    expect(clock.pending).toBe(0);
  });

  it('feeds who waits as soon as a limit is lifted', () => {
    const { clock, queue, engine } = setUp(0);
    const eater = new Eater(engine, 5_000_000);
    queue.join(eater);
    clock.advanceTo(1_000);
    expect(eater.eaten).toBe(0);
    engine.setRate(Infinity, 1_000);
    queue.ratesChanged();
    clock.advanceTo(1_050);
    expect(eater.eaten).toBe(5_000_000);
  });

  it('shares fairly and exactly whatever the rate and the numbers', () => {
    const torrents = fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 50_000_000 }), torrents, (rate, connectionCounts) => {
        const { clock, queue, engine } = setUp(rate);
        const groups = connectionCounts.map((count) => eatersOf(queue, new RateLimiter(engine), count));
        clock.advanceTo(20_000);
        const sums = groups.map(total);
        const sum = sums.reduce((all, one) => all + one, 0);
        expect(sum).toBeLessThanOrEqual(rate * 20);
        expect(sum).toBeGreaterThan(rate * 20 * 0.97);
        // One tick's worth, or one slice, apart at most for each in the line.
        const apart = Math.max(rate * 0.1, 3_000) * groups.length;
        expect(Math.max(...sums) - Math.min(...sums)).toBeLessThanOrEqual(apart);
      }),
      { numRuns: 30 },
    );
  });
});

import { describe, expect, it } from 'vitest';

import { QueueDelay } from '../../src/policy/queue-delay.ts';

describe('The delay in queues', () => {
  it('is what a round trip takes longer than the shortest', () => {
    const delay = new QueueDelay();
    expect([50, 40, 140, 41].map((roundTripMs, at) => delay.measure(roundTripMs, at * 1000))).toEqual([
      0, 0, 100, 1,
    ]);
  });

  it('tells the shortest round trip, of spans as long as one likes', () => {
    const delay = new QueueDelay(1_000);
    expect(delay.shortestMs).toBe(0);
    delay.measure(40, 0);
    for (let nowMs = 1_000; nowMs < 10_000; nowMs += 1_000) delay.measure(90, nowMs);
    expect(delay.shortestMs).toBe(40);
    delay.measure(90, 10_000);
    expect(delay.shortestMs).toBe(90);
  });

  it('is measured from a new base ten minutes after the way has become longer', () => {
    const delay = new QueueDelay();
    delay.measure(40, 0);
    let last = 0;
    for (let nowMs = 60_000; nowMs <= 600_000; nowMs += 1_000) last = delay.measure(90, nowMs);
    expect(last).toBe(0);
    expect(delay.measure(100, 601_000)).toBe(10);
  });
});

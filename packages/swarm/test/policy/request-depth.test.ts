import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { RequestDepth } from '../../src/policy/request-depth.ts';

const BLOCK = 16_384;
const limits = { requestQueueMax: 250 };

/** Blocks arrive evenly; answers the depth at the end. */
function after(depth: RequestDepth, bytesPerSecond: number, fromMs: number, untilMs: number): number {
  const everyMs = (BLOCK * 1_000) / bytesPerSecond;
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += everyMs) depth.blockReceived(BLOCK, nowMs);
  return depth.depth(untilMs, limits);
}

describe('the depth of requests', () => {
  it('begins small and grows with every block that arrives', () => {
    const depth = new RequestDepth();
    const first = depth.depth(0, limits);
    expect(first).toBeGreaterThanOrEqual(2);
    expect(first).toBeLessThanOrEqual(8);
    for (let block = 0; block < first; block++) depth.blockReceived(BLOCK, block);
    expect(depth.depth(20, limits)).toBe(2 * first);
  });

  it('settles at three seconds of what the peer delivers', () => {
    expect(after(new RequestDepth(), 500_000, 0, 20_000)).toBeCloseTo((3 * 500_000) / BLOCK, -1);
    const slow = after(new RequestDepth(), 5_000, 0, 120_000);
    expect(slow).toBeGreaterThanOrEqual(2);
    expect(slow).toBeLessThanOrEqual(20);
  });

  it('over a line settles at the shortest answer and a fifth of a second, at most at a second', () => {
    const overLine = (answerMs: number): number => {
      const depth = new RequestDepth();
      for (let nowMs = 0; nowMs < 20_000; nowMs += 10) {
        const queueMs = nowMs % 1_000;
        depth.blockReceived(BLOCK, nowMs, nowMs - answerMs - queueMs);
      }
      return depth.depth(20_000, { ...limits, line: true });
    };
    // 100 blocks a second.
    expect(overLine(0)).toBe(20);
    expect(overLine(300)).toBe(50);
    expect(overLine(5_000)).toBe(100);
  });

  it('over a line grows again soon after answers have begun to take longer', () => {
    const depth = new RequestDepth();
    for (let nowMs = 0; nowMs < 20_000; nowMs += 10) depth.blockReceived(BLOCK, nowMs, nowMs - 10);
    for (let nowMs = 20_000; nowMs < 120_000; nowMs += 10) depth.blockReceived(BLOCK, nowMs, nowMs - 300);
    expect(depth.depth(120_000, { ...limits, line: true })).toBeCloseTo(50, -1);
  });

  it('follows the rate down, as under a limit', () => {
    const depth = new RequestDepth();
    after(depth, 1_000_000, 0, 10_000);
    expect(after(depth, 100_000, 10_000, 40_000)).toBeCloseTo((3 * 100_000) / BLOCK, -1);
  });

  it('never exceeds what the peer keeps, nor 500', () => {
    const depth = new RequestDepth();
    after(depth, 100_000_000, 0, 2_000);
    expect(depth.depth(2_000, { requestQueueMax: 10 })).toBe(10);
    expect(depth.depth(2_000, { requestQueueMax: 10_000 })).toBe(500);
    expect(depth.depth(2_000, { requestQueueMax: 0 })).toBe(1);
  });

  it('asks a snubbed peer for one block until it delivers', () => {
    const depth = new RequestDepth();
    after(depth, 1_000_000, 0, 3_000);
    depth.snubbed = true;
    expect(depth.depth(3_000, limits)).toBe(1);
    depth.blockReceived(BLOCK, 3_100);
    expect(depth.depth(3_100, limits)).toBeGreaterThan(1);
  });

  it('stays in its bounds whatever arrives when', () => {
    const arrivals = fc.array(fc.record({ afterMs: fc.nat(3_000), bytes: fc.nat(BLOCK) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 2, max: 1_000 }), (all, requestQueueMax) => {
        const depth = new RequestDepth();
        let nowMs = 0;
        for (const { afterMs, bytes } of all) {
          nowMs += afterMs;
          depth.blockReceived(bytes, nowMs);
          const wanted = depth.depth(nowMs, { requestQueueMax });
          expect(Number.isInteger(wanted)).toBe(true);
          expect(wanted).toBeGreaterThanOrEqual(2);
          expect(wanted).toBeLessThanOrEqual(Math.min(500, requestQueueMax));
        }
      }),
    );
  });
});

import { describe, expect, it } from 'vitest';

import { AnnouncingPace } from '../../src/policy/announcing-pace.ts';

describe('The pace of announcements', () => {
  /** Pieces at these intervals, and when each announcement goes out. */
  function announcements(intervalMs: number, forMs: number): number[] {
    const pace = new AnnouncingPace();
    const told: number[] = [];
    let dueMs: number | undefined;
    for (let nowMs = 0; nowMs < forMs; nowMs += 1) {
      if (nowMs === dueMs) {
        pace.told(nowMs);
        told.push(nowMs);
        dueMs = undefined;
      }
      if (nowMs % intervalMs !== 0) continue;
      pace.stored(nowMs);
      dueMs ??= nowMs + Math.ceil(pace.delayMs(nowMs));
    }
    return told;
  }

  it('is a moment for the first piece after a pause', () => {
    expect(announcements(1_000, 3_500)).toEqual([20, 1_020, 2_020, 3_020]);
  });

  it('lets about four pieces share a message when they come a few each second', () => {
    expect(announcements(50, 10_000).length).toBeGreaterThan(40);
    expect(announcements(50, 10_000).length).toBeLessThan(60);
  });

  it('keeps nobody waiting on a fast link', () => {
    const told = announcements(5, 2_000).filter((atMs) => atMs > 500);
    const gaps = told.slice(1).map((atMs, index) => atMs - told[index]!);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(30);
  });
});

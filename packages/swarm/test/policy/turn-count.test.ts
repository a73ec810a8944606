import { describe, expect, it } from 'vitest';

import { TURNS_MIN, TurnCount } from '../../src/policy/turn-count.ts';

const STEP_MS = 100;

/** Lets a line carry what it does with so many in turn, for so long; answers the numbers tried. */
function run(
  count: TurnCount,
  seconds: number,
  bytesPerSecond: (turns: number) => number,
  from = 0,
): number[] {
  const tried: number[] = [];
  for (let nowMs = from; nowMs < from + seconds * 1000; nowMs += STEP_MS) {
    count.passed((bytesPerSecond(count.count) * STEP_MS) / 1000);
    count.update(nowMs, true);
    if (tried.at(-1) !== count.count) tried.push(count.count);
  }
  return tried;
}

describe('The number of turns', () => {
  it('stays small when a few fill the line', () => {
    const count = new TurnCount();
    expect(Math.max(...run(count, 9, () => 2_000_000))).toBeLessThanOrEqual(2 * TURNS_MIN);
    expect(count.count).toBe(TURNS_MIN);
  });

  it('grows within seconds when every single one is slow', () => {
    const count = new TurnCount();
    run(count, 8, (turns) => turns * 100_000);
    expect(count.count).toBeGreaterThanOrEqual(64);
  });

  it('stops growing where the line is full', () => {
    const count = new TurnCount();
    run(count, 9, (turns) => Math.min(turns * 100_000, 1_600_000));
    expect(count.count).toBe(16);
  });

  it('follows when one gets faster or slower', () => {
    const count = new TurnCount();
    run(count, 9, (turns) => Math.min(turns * 100_000, 1_600_000));
    run(count, 90, () => 1_600_000, 9_000);
    expect(count.count).toBeLessThanOrEqual(2 * TURNS_MIN);
    run(count, 60, (turns) => turns * 10_000, 99_000);
    expect(count.count).toBeGreaterThanOrEqual(64);
  });

  it('does not change while nobody waits', () => {
    const count = new TurnCount();
    for (let nowMs = 0; nowMs < 20_000; nowMs += STEP_MS) {
      count.passed(nowMs);
      count.update(nowMs, false);
    }
    expect(count.count).toBe(TURNS_MIN);
  });
});

import { describe, expect, it } from 'vitest';

import { BackgroundRate, FLOOR } from '../../src/policy/background-rate.ts';

const IDLE_MS = 5;
const BUSY_MS = 60;
const LINE = 2_500_000;

function grown(measurements: number): BackgroundRate {
  const rate = new BackgroundRate({ targetDelayMs: 40 });
  for (let time = 0; time < measurements; time += 1)
    rate.measured(IDLE_MS, Math.min(rate.bytesPerSecond, LINE));
  return rate;
}

describe('The rate of a transfer in the background', () => {
  it('begins at the floor and fills an idle line of 20 Mbit/s within seven measurements', () => {
    expect(grown(0).bytesPerSecond).toBe(FLOOR);
    expect(grown(7).bytesPerSecond).toBeGreaterThan(LINE);
  });

  it('grows no further than to a few times what passes', () => {
    expect(grown(50).bytesPerSecond).toBeLessThanOrEqual(3 * LINE);
  });

  it('is cut to half of what passed when the line is busy, and to a quarter when it is very busy', () => {
    const [busy, veryBusy] = [grown(10), grown(10)];
    busy.measured(BUSY_MS, LINE / 2);
    expect(busy.bytesPerSecond).toBe(LINE / 4);
    veryBusy.measured(3 * BUSY_MS, LINE / 2);
    expect(veryBusy.bytesPerSecond).toBe(LINE / 8);
  });

  it('never falls below the floor', () => {
    const rate = grown(3);
    for (let time = 0; time < 20; time += 1) rate.measured(BUSY_MS, 0);
    expect(rate.bytesPerSecond).toBe(FLOOR);
  });

  it('falls while nothing is heard', () => {
    const rate = grown(10);
    const before = rate.bytesPerSecond;
    rate.blind();
    expect(rate.bytesPerSecond).toBe(before / 2);
  });
});

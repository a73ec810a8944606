import { expect, it } from 'vitest';

import { RateMeter } from '../../src/policy/rate-meter.ts';

/** Feeds an even stream and answers the meter's opinion at the end. */
function measured(meter: RateMeter, bytesPerSecond: number, fromMs: number, untilMs: number): number {
  for (let nowMs = fromMs; nowMs < untilMs; nowMs += 10) meter.add(bytesPerSecond / 100, nowMs);
  return meter.bytesPerSecond(untilMs);
}

it('measures an even stream, right from the first half second', () => {
  expect(measured(new RateMeter(), 1_000_000, 0, 500) / 1_000_000).toBeCloseTo(1, 1);
  expect(measured(new RateMeter(), 1_000_000, 70_000, 90_000) / 1_000_000).toBeCloseTo(1, 1);
});

it('follows a change within a few seconds', () => {
  const meter = new RateMeter();
  measured(meter, 1_000_000, 0, 10_000);
  const soon = measured(meter, 100_000, 10_000, 13_000);
  expect(soon).toBeGreaterThan(300_000);
  expect(soon).toBeLessThan(600_000);
  expect(measured(meter, 100_000, 13_000, 25_000)).toBeLessThan(120_000);
});

it('forgets in silence, and then measures anew', () => {
  const meter = new RateMeter();
  measured(meter, 1_000_000, 0, 5_000);
  expect(meter.bytesPerSecond(11_000)).toBeLessThan(200_000);
  expect(meter.bytesPerSecond(60_000)).toBe(0);
  expect(measured(meter, 50_000, 80_000, 80_500) / 50_000).toBeCloseTo(1, 1);
});

it('knows nothing before anything has passed', () => {
  expect(new RateMeter().bytesPerSecond(123)).toBe(0);
});

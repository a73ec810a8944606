import { describe, expect, test } from 'vitest';

import {
  difference,
  extremeRates,
  floorSeconds,
  fraction,
  ratesBySecond,
  streamBytes,
} from '../rig/wan/arithmetic.ts';
import { brokenBudget, settled } from '../rig/wan/budget.ts';
import { broken } from '../rig/wan/catalogue.ts';
import { last, timesFloor, worst } from '../rig/wan/outcome.ts';
import type { Outcome } from '../rig/wan/outcome.ts';

const MIB = 1024 * 1024;

describe('the floor of a link', () => {
  test('64 MiB over 20 Mbit/s take 28.1 s, headers counted', () => {
    expect(floorSeconds(64 * MIB, 20e6)).toBeCloseTo(28.07, 2);
  });

  test('it grows with the payload and shrinks with the rate', () => {
    expect(floorSeconds(128 * MIB, 20e6)).toBeCloseTo(2 * floorSeconds(64 * MIB, 20e6));
    expect(floorSeconds(64 * MIB, 5e6)).toBeCloseTo(4 * floorSeconds(64 * MIB, 20e6));
  });
});

describe('traffic', () => {
  test('full frames carry 1448 bytes of a stream, acknowledgements none', () => {
    expect(streamBytes({ packets: 1000, bytes: 1000 * 1514 })).toBe(1_448_000);
    expect(streamBytes({ packets: 1000, bytes: 1000 * 66 })).toBe(0);
  });

  test('a handful of frames without TCP are not a negative stream', () => {
    expect(streamBytes({ packets: 2, bytes: 84 })).toBe(0);
  });

  test('what lies between two readings is their difference', () => {
    const between = difference({ bytes: 5000, packets: 9 }, { bytes: 2000, packets: 4 });
    expect(between).toEqual({ bytes: 3000, packets: 5 });
  });
});

describe('the extremes of a rate over any 10 s', () => {
  /** Readings every 100 ms of a counter that grows by what `bytesAt` says for each. */
  function readings(seconds: number, bytesAt: (tenth: number) => number) {
    let bytes = 0;
    return Array.from({ length: seconds * 10 + 1 }, (_, tenth) => {
      if (tenth > 0) bytes += bytesAt(tenth);
      return { at: 5000 + tenth * 100, bytes };
    });
  }

  test('a steady rate is both', () => {
    const extremes = extremeRates(
      readings(30, () => 62_500),
      10_000,
    );
    expect(extremes?.slowest).toBeCloseTo(5e6);
    expect(extremes?.fastest).toBeCloseTo(5e6);
  });

  test('a second of four times the rate shows in the window that holds it, a pause in another', () => {
    const extremes = extremeRates(
      readings(40, (tenth) =>
        tenth > 100 && tenth <= 110 ? 250_000 : tenth > 300 && tenth <= 310 ? 0 : 62_500,
      ),
      10_000,
    );
    expect(extremes?.fastest).toBeCloseTo(5e6 * 1.3);
    expect(extremes?.slowest).toBeCloseTo(5e6 * 0.9);
  });

  test('a window is never shorter than asked for, and late readings do not distort it', () => {
    const late = [0, 4000, 11_000, 14_500, 22_000].map((at) => ({ at, bytes: at * 100 }));
    expect(extremeRates(late, 10_000)).toEqual({ slowest: 800_000, fastest: 800_000 });
  });

  test('a rate has settled where the first second keeps within a tenth of it', () => {
    const fromTenTo5Mbit = readings(20, (tenth) => (tenth <= 37 ? 125_000 : 62_500));
    expect(settled(fromTenTo5Mbit, 5e6)).toBe(5000 + 3700);
    expect(settled(fromTenTo5Mbit, 10e6)).toBe(5000);
    expect(settled(fromTenTo5Mbit, 2e6)).toBeUndefined();
  });

  test('each second has its own rate', () => {
    const rates = ratesBySecond(readings(3, (tenth) => (tenth <= 10 ? 12_500 : 25_000)));
    expect(rates.map(Math.round)).toEqual([1e6, 2e6, 2e6]);
    expect(ratesBySecond([])).toEqual([]);
  });

  test('less than one window says nothing', () => {
    expect(
      extremeRates(
        readings(9, () => 1),
        10_000,
      ),
    ).toBeUndefined();
    expect(extremeRates([], 10_000)).toBeUndefined();
  });
});

describe('an outcome', () => {
  const outcome: Outcome = {
    into: [1.06, 1.09, 1.05],
    streamsInto: [1.01, 1.03, 1.01],
    outOf: [0.7, 0.7, 0.7],
    origin: 1.12,
    seconds: [28, 33.684, 30],
    floor: 28.07,
    damaged: [],
    cpuSeconds: 20,
  };

  test('is as good as its worst site and its last host', () => {
    expect(worst(outcome)).toBe(1.09);
    expect(last(outcome)).toBe(33.684);
    expect(timesFloor(outcome)).toBeCloseTo(1.2);
  });

  test('is held against bounds; times only when asked', () => {
    const bounds = { into: 1.08, origin: 1.15, timesFloor: 1.15 };
    expect(broken(outcome, bounds, true)).toEqual([
      'copies into the worst site: 1.090, allowed 1.08',
      'last host, 33.7 s, in floors: 1.200, allowed 1.15',
    ]);
    expect(broken(outcome, bounds, false)).toHaveLength(1);
    expect(broken(outcome, { into: 1.1 }, true)).toEqual([]);
  });

  test('is broken by a damaged payload whatever the bounds', () => {
    expect(broken({ ...outcome, damaged: ['s1h2'] }, { into: 2 }, false)).toEqual(['damaged on s1h2']);
  });
});

test('a budget is kept within 3 %, changed within two seconds, and no business of the LAN', () => {
  const order = { hosts: 8, linkRate: 20e6, budget: 5e6, nextBudget: 10e6, seconds: 20 };
  const kept = {
    rampMs: 4000,
    first: { slowest: 4.86e6, fastest: 5.14e6, seconds: [] },
    next: { slowest: 9.8e6, fastest: 10e6, seconds: [] },
    settledMs: 1999,
    lanRate: 2e8,
  };
  expect(brokenBudget(kept, order)).toEqual([]);
  expect(brokenBudget({ ...kept, first: { slowest: 4.8e6, fastest: 5e6, seconds: [] } }, order)).toEqual([
    '4.80 Mbit/s to 5.00 Mbit/s in ten seconds instead of 5.00 Mbit/s',
  ]);
  expect(
    brokenBudget({ ...kept, next: { slowest: 10e6, fastest: 10.4e6, seconds: [] } }, order),
  ).toHaveLength(1);
  expect(brokenBudget({ ...kept, settledMs: 2001, lanRate: 1.9e8 }, order)).toEqual([
    'the change took 2001 ms, allowed 2000',
    'the LAN brought 190.00 Mbit/s only',
  ]);
  expect(brokenBudget({ ...kept, settledMs: undefined }, order)).toHaveLength(1);
});

test('moments left to chance depend on the seed alone and cover the whole span', () => {
  const moments = Array.from({ length: 1000 }, (_, i) => fraction(7, i));
  expect(moments).toEqual(Array.from({ length: 1000 }, (_, i) => fraction(7, i)));
  expect(moments).not.toEqual(Array.from({ length: 1000 }, (_, i) => fraction(8, i)));
  expect(Math.min(...moments)).toBeGreaterThanOrEqual(0);
  expect(Math.min(...moments)).toBeLessThan(0.02);
  expect(Math.max(...moments)).toBeLessThan(1);
  expect(Math.max(...moments)).toBeGreaterThan(0.98);
  expect(moments.reduce((sum, moment) => sum + moment, 0) / 1000).toBeCloseTo(0.5, 1);
});

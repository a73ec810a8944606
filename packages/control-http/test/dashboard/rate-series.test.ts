import { expect, test } from 'vitest';

import { NO_RATES, rateGap, ratesAt, withHistory } from '../../dashboard/model/rate-series.ts';
import type { Traffic } from '../../src/index.ts';

const NONE = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };
const traffic = (lan: number, near: number, wan: number): Traffic => ({
  site: { ...NONE, downBytesPerSecond: lan },
  near: { ...NONE, downBytesPerSecond: near },
  wan: { ...NONE, downBytesPerSecond: wan },
});
const history = (...site: readonly number[]) => {
  const zeros = site.map(() => 0);
  return {
    intervalSeconds: 5,
    site: { down: site, up: zeros },
    near: { down: zeros, up: zeros },
    wan: { down: site, up: zeros },
  };
};

test('the line is near and far sites together', () => {
  const series = ratesAt(NO_RATES, traffic(1, 2, 3), 1_000);
  expect(series).toEqual({ atMs: [1_000], lanDown: [1], lanUp: [0], lineDown: [5], lineUp: [0] });
});

test('while nobody knows there is a gap', () => {
  const series = ratesAt(rateGap(ratesAt(NO_RATES, traffic(1, 0, 0), 1_000), 2_000), traffic(3, 0, 0), 3_000);
  expect(series.lanDown).toEqual([1, null, 3]);
});

test('time goes forward, also if a clock is set back', () => {
  const series = ratesAt(ratesAt(NO_RATES, traffic(1, 0, 0), 5_000), traffic(2, 0, 0), 4_000);
  expect(series.atMs).toEqual([5_000]);
});

test('what the agent remembers takes the place of what the page saw meanwhile, not of what it saw before', () => {
  let series = NO_RATES;
  for (let at = 0; at <= 60_000; at += 10_000) series = ratesAt(series, traffic(1, 0, 0), at);
  series = withHistory(rateGap(series, 61_000), history(7, 8, 9), 62_000);
  expect(series.atMs).toEqual([0, 10_000, 20_000, 30_000, 40_000, 52_000, 57_000, 62_000]);
  expect(series.lanDown).toEqual([1, 1, 1, 1, 1, 7, 8, 9]);
  expect(series.lineDown.slice(-3)).toEqual([7, 8, 9]);
});

test('an hour is kept', () => {
  let series = NO_RATES;
  for (let at = 0; at <= 7_200_000; at += 10_000) series = ratesAt(series, traffic(1, 0, 0), at);
  expect(series.atMs[0]).toBe(3_600_000);
  expect(
    new Set(
      [series.atMs, series.lanDown, series.lanUp, series.lineDown, series.lineUp].map(({ length }) => length),
    ),
  ).toEqual(new Set([361]));
});

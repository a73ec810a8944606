import type { RateSamples, RatesView, Traffic } from '@brine/control-http/client';

/** Rates over time, one array each, all of the same length; null where nobody knows. Bytes per second, milliseconds since 1970. */
export interface RateSeries {
  readonly atMs: readonly number[];
  readonly lanDown: readonly (number | null)[];
  readonly lanUp: readonly (number | null)[];
  readonly lineDown: readonly (number | null)[];
  readonly lineUp: readonly (number | null)[];
}

export const NO_RATES: RateSeries = { atMs: [], lanDown: [], lanUp: [], lineDown: [], lineUp: [] };
/** How far back the series goes. */
const KEPT_MS: number = 60 * 60 * 1_000;

/** With the rates of an instant at the end. */
export function ratesAt(series: RateSeries, { site, near, wan }: Traffic, atMs: number): RateSeries {
  return append(series, atMs, {
    lanDown: site.downBytesPerSecond,
    lanUp: site.upBytesPerSecond,
    lineDown: near.downBytesPerSecond + wan.downBytesPerSecond,
    lineUp: near.upBytesPerSecond + wan.upBytesPerSecond,
  });
}

/** With a gap at the end: from here on nobody knows. */
export function rateGap(series: RateSeries, atMs: number): RateSeries {
  return append(series, atMs, { lanDown: null, lanUp: null, lineDown: null, lineUp: null });
}

/** What the agent remembers, behind what the page saw before that. */
export function withHistory(series: RateSeries, history: RatesView, nowMs: number): RateSeries {
  const { intervalSeconds, site, near, wan } = history;
  const intervalMs = intervalSeconds * 1_000;
  const atMs = site.down.map((_, index) => nowMs - (site.down.length - 1 - index) * intervalMs);
  const before = series.atMs.filter((at) => at < (atMs[0] ?? nowMs) - intervalMs).length;
  const join = (old: readonly (number | null)[], ...parts: readonly RateSamples['down'][]) => [
    ...old.slice(0, before),
    ...parts[0]!.map((_, index) => parts.reduce((sum, part) => sum + (part[index] ?? 0), 0)),
  ];
  return recent(
    {
      atMs: [...series.atMs.slice(0, before), ...atMs],
      lanDown: join(series.lanDown, site.down),
      lanUp: join(series.lanUp, site.up),
      lineDown: join(series.lineDown, near.down, wan.down),
      lineUp: join(series.lineUp, near.up, wan.up),
    },
    nowMs,
  );
}

function append(
  series: RateSeries,
  atMs: number,
  rates: Readonly<Record<Exclude<keyof RateSeries, 'atMs'>, number | null>>,
): RateSeries {
  // Clocks of machines are set back sometimes; time on an axis goes forward.
  if (atMs <= (series.atMs.at(-1) ?? -Infinity)) return series;
  return recent(
    {
      atMs: [...series.atMs, atMs],
      lanDown: [...series.lanDown, rates.lanDown],
      lanUp: [...series.lanUp, rates.lanUp],
      lineDown: [...series.lineDown, rates.lineDown],
      lineUp: [...series.lineUp, rates.lineUp],
    },
    atMs,
  );
}

function recent(series: RateSeries, nowMs: number): RateSeries {
  const first = series.atMs.findIndex((at) => at >= nowMs - KEPT_MS);
  if (first <= 0) return series;
  return {
    atMs: series.atMs.slice(first),
    lanDown: series.lanDown.slice(first),
    lanUp: series.lanUp.slice(first),
    lineDown: series.lineDown.slice(first),
    lineUp: series.lineUp.slice(first),
  };
}

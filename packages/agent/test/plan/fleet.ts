import { DEFAULTS, pieceLengthFor } from '../../src/plan/scenario.ts';
import type { PlanSite, Scenario } from '../../src/plan/scenario.ts';

export const MBIT = 125_000;

/** A site with a line of 8 Mbit/s, one megabyte a second, unless told otherwise. */
export function site(name: string, options: Partial<PlanSite> = {}): PlanSite {
  return {
    name,
    hosts: 3,
    downBytesPerSecond: 8 * MBIT,
    upBytesPerSecond: 8 * MBIT,
    lanBytesPerSecond: 1000 * MBIT,
    latencyMs: 10,
    budget: undefined,
    startMs: 0,
    ...options,
  };
}

export function fleet(options: Partial<Scenario> = {}): Scenario {
  const payloadBytes = options.payloadBytes ?? 8 * 2 ** 20;
  return {
    payloadBytes,
    pieceLength: pieceLengthFor(payloadBytes),
    origin: { upBytesPerSecond: 16 * MBIT, latencyMs: 5 },
    sites: [site('north'), site('south')],
    startSpreadMs: 0,
    churn: undefined,
    startEpochMs: DEFAULTS.startEpochMs,
    seeds: [1],
    ...options,
  };
}

import { describe, expect, it } from 'vitest';

import { reportOf } from '../../src/plan/report.ts';
import type { PlanReport } from '../../src/plan/report.ts';
import { simulatedOf } from '../../src/plan/scaling.ts';
import type { SimulationOutcome } from '../../src/plan/simulation.ts';
import { percentile, spreadOf } from '../../src/plan/spread.ts';
import { tableOf } from '../../src/plan/table.ts';
import { fleet, site } from './fleet.ts';

function outcome(
  seed: number,
  north: readonly number[],
  south: readonly number[],
  wanIn: number,
): SimulationOutcome {
  return {
    seed,
    sites: [north, south].map((doneSeconds) => ({ doneSeconds, wanInBytes: wanIn, wanOutBytes: 0 })),
    originOutBytes: 3_000_000,
    busy: { origin: 0.5, sitesDown: [0.9, 0.8], sitesUp: [0.1, 0.2], lan: 0.01 },
    events: 1,
    tookSeconds: 1,
  };
}

function report(...outcomes: readonly SimulationOutcome[]): PlanReport {
  const scenario = fleet({ payloadBytes: 1_000_000, seeds: outcomes.map(({ seed }) => seed) });
  return reportOf(scenario, simulatedOf(scenario), { brine: outcomes, plain: [], tookSeconds: 2 });
}

describe('A report', () => {
  it('tells least, median and most over the seeds, and parts of all machines', () => {
    const { brine } = report(
      outcome(1, [1, 2, 3], [4, 5, 6], 1_000_000),
      outcome(2, [1, 2, 3], [4, 5, 9], 1_500_000),
      outcome(3, [1, 2, 3], [4, 5, 7], 2_000_000),
    );
    expect(brine.lastSeconds).toEqual({ min: 6, median: 7, max: 9 });
    expect(brine.halfSeconds).toEqual({ min: 3, median: 3, max: 3 });
    expect(brine.wanInRatio).toEqual({ min: 1, median: 1.5, max: 2 });
    expect(brine.originRatio.median).toBeCloseTo(3, 9);
    expect(brine.sites.map(({ lastSeconds }) => lastSeconds.median)).toEqual([3, 7]);
    expect(brine.bottleneck).toEqual({ line: 'sitesDown', busy: 0.8500000000000001 });
  });

  it('tells each run by itself', () => {
    const { brine, floor } = report(
      outcome(4, [1, 2, 3], [4, 5, 6], 1_000_000),
      outcome(5, [1, 2, 3], [4, 5, 9], 1_500_000),
    );
    expect(brine.runs).toEqual([
      { seed: 4, timesFloor: 6 / floor.seconds, originRatio: 3, wanInRatios: [1, 1] },
      { seed: 5, timesFloor: 9 / floor.seconds, originRatio: 3, wanInRatios: [1.5, 1.5] },
    ]);
  });

  it('compares with the floor', () => {
    const { brine, floor } = report(outcome(1, [1, 2, 3], [4, 5, 6], 1));
    expect(brine.timesFloor.median).toBeCloseTo(6 / floor.seconds, 9);
  });

  it('says so when machines were never done', () => {
    const plan = report(outcome(1, [1, 2, 3], [4, 5, Infinity], 1));
    expect(plan.brine.lastSeconds.median).toBe(Infinity);
    expect(plan.brine.unfinished.max).toBeCloseTo(1 / 6, 9);
    const table = tableOf(plan).join('\n');
    expect(table).toMatch(/all machines done +never/);
    expect(table).toContain('16.7 % of the machines were not done');
  });

  it('extrapolates what leaves the origin from a sample of the sites', () => {
    const sites = Array.from({ length: 4 }, (_, index) => site(`s${index}`));
    const scenario = fleet({ payloadBytes: 1_000_000, sites });
    const simulated = {
      ...simulatedOf(scenario),
      sites: simulatedOf(scenario).sites.slice(0, 2),
      sampled: true,
    };
    const plan = reportOf(scenario, simulated, {
      brine: [outcome(1, [1], [2], 1)],
      plain: [],
      tookSeconds: 1,
    });
    expect(plan.brine.originBytes.median).toBe(6_000_000);
    expect(tableOf(plan).join('\n')).toContain('2 of the 4 sites');
  });
});

describe('Spreads', () => {
  it('have a median between the middle two of an even number', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 });
    expect(spreadOf([1, Infinity, Infinity, Infinity]).median).toBe(Infinity);
  });

  it('count percentiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([0, 0.5, 0.9, 0.99, 1].map((part) => percentile(hundred, part))).toEqual([1, 50, 90, 99, 100]);
  });
});

import { fleetFloor, siteFloorSeconds } from './floor.ts';
import type { Floor } from './floor.ts';
import type { Simulated } from './scaling.ts';
import type { Scenario } from './scenario.ts';
import { hostCount, pieceCountOf } from './scenario.ts';
import type { SimulationOutcome } from './simulation.ts';
import { percentile, spreadOf } from './spread.ts';
import type { Spread } from './spread.ts';

/** What a plan says. Seconds from the rollout's start; bytes on the wire; ratios of them to the payload. */
export interface PlanReport {
  readonly payloadBytes: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly siteCount: number;
  readonly hostCount: number;
  readonly seeds: readonly number[];
  readonly floor: Floor;
  readonly simulated: SimulatedFigures;
  readonly brine: FleetSummary;
  /** The same fleet with site awareness switched off; only when asked for. */
  readonly plain: FleetSummary | undefined;
  /** How long all of it took to simulate, in seconds. */
  readonly tookSeconds: number;
}

interface SimulatedFigures {
  readonly siteCount: number;
  readonly hostCount: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  readonly timeFactor: number;
  readonly sampled: boolean;
}

export interface FleetSummary {
  /** Until the last host was done; Infinity when one was not. */
  readonly lastSeconds: Spread;
  readonly timesFloor: Spread;
  /** Until this part of all hosts was done. */
  readonly halfSeconds: Spread;
  readonly ninetySeconds: Spread;
  readonly ninetyNineSeconds: Spread;
  /** Hosts that were not done when the simulation gave up, as a part of all. */
  readonly unfinished: Spread;
  /** Into a site, relative to the payload: over all sites and seeds. */
  readonly wanInRatio: Spread;
  readonly originBytes: Spread;
  readonly originRatio: Spread;
  readonly busy: BusyLines;
  readonly bottleneck: Bottleneck;
  /** The simulated sites, in their order. */
  readonly sites: readonly SiteSummary[];
  /** Each simulation by itself: what the spreads are made of. */
  readonly runs: readonly RunFigures[];
}

/** The three figures of one simulation. */
interface RunFigures {
  readonly seed: number;
  readonly timesFloor: number;
  readonly originRatio: number;
  /** In the order of `sites`. */
  readonly wanInRatios: readonly number[];
}

/** How much of its time each kind of line was busy, 0 to 1; medians. */
export interface BusyLines {
  readonly origin: number;
  readonly sitesDown: number;
  readonly sitesUp: number;
  readonly lan: number;
}

interface Bottleneck {
  readonly line: keyof BusyLines;
  readonly busy: number;
}

export interface SiteSummary {
  readonly name: string;
  readonly hosts: number;
  readonly floorSeconds: number;
  readonly lastSeconds: Spread;
  readonly wanInBytes: Spread;
  readonly wanInRatio: Spread;
}

/** What all runs of a plan brought. */
export interface PlanRuns {
  readonly brine: readonly SimulationOutcome[];
  readonly plain: readonly SimulationOutcome[];
  readonly tookSeconds: number;
}

export function reportOf(scenario: Scenario, simulated: Simulated, runs: PlanRuns): PlanReport {
  const floor = fleetFloor(scenario);
  const summarize = (outcomes: readonly SimulationOutcome[]): FleetSummary =>
    summaryOf(scenario, simulated, floor, outcomes);
  return {
    payloadBytes: scenario.payloadBytes,
    pieceLength: scenario.pieceLength,
    pieceCount: pieceCountOf(scenario),
    siteCount: scenario.sites.length,
    hostCount: hostCount(scenario),
    seeds: scenario.seeds,
    floor,
    simulated: {
      siteCount: simulated.sites.length,
      hostCount: hostCount(simulated),
      pieceLength: simulated.pieceLength,
      pieceCount: simulated.pieceCount,
      timeFactor: simulated.timeFactor,
      sampled: simulated.sampled,
    },
    brine: summarize(runs.brine),
    plain: runs.plain.length === 0 ? undefined : summarize(runs.plain),
    tookSeconds: runs.tookSeconds,
  };
}

function summaryOf(
  scenario: Scenario,
  simulated: Simulated,
  floor: Floor,
  outcomes: readonly SimulationOutcome[],
): FleetSummary {
  const { payloadBytes } = scenario;
  const share = simulated.sites.length / scenario.sites.length;
  const doneOf = outcomes.map(({ sites }) =>
    sites.flatMap(({ doneSeconds }) => doneSeconds).sort((a, b) => a - b),
  );
  const doneBy = (part: number): Spread => spreadOf(doneOf.map((done) => percentile(done, part)));
  const lastSeconds = doneBy(1);
  const originBytes = spreadOf(outcomes.map((outcome) => outcome.originOutBytes / share));
  const busy = busyOf(outcomes);
  return {
    lastSeconds,
    timesFloor: scaled(lastSeconds, 1 / floor.seconds),
    halfSeconds: doneBy(0.5),
    ninetySeconds: doneBy(0.9),
    ninetyNineSeconds: doneBy(0.99),
    unfinished: spreadOf(doneOf.map((done) => done.filter((at) => at === Infinity).length / done.length)),
    wanInRatio: spreadOf(
      outcomes.flatMap(({ sites }) => sites.map(({ wanInBytes }) => wanInBytes / payloadBytes)),
    ),
    originBytes,
    originRatio: scaled(originBytes, 1 / payloadBytes),
    busy,
    bottleneck: bottleneckOf(busy),
    runs: outcomes.map((outcome, index) => ({
      seed: outcome.seed,
      timesFloor: percentile(doneOf[index]!, 1) / floor.seconds,
      originRatio: outcome.originOutBytes / share / payloadBytes,
      wanInRatios: outcome.sites.map(({ wanInBytes }) => wanInBytes / payloadBytes),
    })),
    sites: simulated.sites.map((site, index) => {
      const own = outcomes.map(({ sites }) => sites[index]!);
      const wanInBytes = spreadOf(own.map((outcome) => outcome.wanInBytes));
      return {
        name: site.name,
        hosts: site.hosts,
        floorSeconds: siteFloorSeconds(scenario, site),
        lastSeconds: spreadOf(own.map(({ doneSeconds }) => doneSeconds.at(-1)!)),
        wanInBytes,
        wanInRatio: scaled(wanInBytes, 1 / payloadBytes),
      };
    }),
  };
}

function busyOf(outcomes: readonly SimulationOutcome[]): BusyLines {
  const median = (values: readonly number[]): number => spreadOf(values).median;
  return {
    origin: median(outcomes.map(({ busy }) => busy.origin)),
    sitesDown: median(outcomes.flatMap(({ busy }) => busy.sitesDown)),
    sitesUp: median(outcomes.flatMap(({ busy }) => busy.sitesUp)),
    lan: median(outcomes.map(({ busy }) => busy.lan)),
  };
}

function bottleneckOf(busy: BusyLines): Bottleneck {
  const lines = Object.keys(busy) as (keyof BusyLines)[];
  const line = lines.reduce((a, b) => (busy[b] > busy[a] ? b : a));
  return { line, busy: busy[line] };
}

function scaled(spread: Spread, factor: number): Spread {
  return { min: spread.min * factor, median: spread.median * factor, max: spread.max * factor };
}

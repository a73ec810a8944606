/*
 * How a scenario becomes one that can be simulated. A piece stays a piece, but shorter: what matters is who has which piece when, and
 * only a few blocks are needed for that. Rates shrink with the pieces, but not as far, so that the simulated rollout is quicker than the
 * real one: hours of waiting teach nothing. Times then stretch by `timeFactor`. Messages that exist once for each piece weigh less by the
 * same factor as the pieces. Two fleets are too large even so: of many sites a sample is simulated, with its share of the origin's
 * line; of many hosts at a site, so many as matter to its WAN line.
 */
import type { PlanSite, Scenario } from './scenario.ts';
import { hostCount, pieceCountOf } from './scenario.ts';
import { siteFloorSeconds } from './floor.ts';

/** What is simulated in place of a scenario. */
export interface Simulated {
  /** A sample of the sites, with the number of real ones that each stands for. */
  readonly sites: readonly SimulatedSite[];
  readonly originUpBytesPerSecond: number;
  readonly pieceLength: number;
  readonly pieceCount: number;
  /** Length of the simulated payload. */
  readonly length: number;
  /** Real bytes for a simulated one. */
  readonly byteFactor: number;
  /** Real rates for simulated ones. */
  readonly rateFactor: number;
  /** Real time for simulated time: `byteFactor / rateFactor`. */
  readonly timeFactor: number;
  /** Sites or hosts were left out. */
  readonly sampled: boolean;
}

export interface SimulatedSite extends PlanSite {
  /** Real sites that this one speaks for; fractions add up to all of them. */
  readonly standsFor: number;
}

export interface Effort {
  /** Hosts times pieces at most; a sample of sites is taken above. */
  readonly receiptsMax: number;
  /** Blocks that all hosts receive, roughly; decides how long simulated pieces are. */
  readonly blocks: number;
  /** Simulated seconds that the rollout should take at least, so that beginnings and ends weigh little. */
  readonly secondsMin: number;
}

export const USUAL_EFFORT: Effort = { receiptsMax: 2_600_000, blocks: 4_000_000, secondsMin: 120 };

const BLOCK = 16_384;
const PIECES_MAX = 2048;
const SITE_HOSTS_MAX = 50;

export function simulatedOf(scenario: Scenario, effort: Effort = USUAL_EFFORT): Simulated {
  const sites = sampleOf(scenario, effort);
  const pieces = Math.min(pieceCountOf(scenario), PIECES_MAX);
  const hosts = hostCount({ sites });
  const realPiece = scenario.payloadBytes / pieces;
  const blocksMax = Math.max(1, Math.ceil(realPiece / BLOCK));
  const blocks = clamp(2 ** Math.floor(Math.log2(effort.blocks / (hosts * pieces))), 2, blocksMax);
  const pieceLength = Math.min(blocks * BLOCK, 2 ** Math.ceil(Math.log2(Math.max(BLOCK, realPiece))));
  const length = Math.min(scenario.payloadBytes, pieces * pieceLength);
  const byteFactor = scenario.payloadBytes / length;
  const floorSeconds = Math.max(
    ...sites.map((site) => siteFloorSeconds(scenario, site) - site.startMs / 1000),
  );
  const rateFactor = clamp((effort.secondsMin * byteFactor) / floorSeconds, 1, byteFactor);
  const share = sites.length / scenario.sites.length;
  return {
    sites,
    originUpBytesPerSecond: scenario.origin.upBytesPerSecond * share,
    pieceLength,
    pieceCount: Math.ceil(length / pieceLength),
    length,
    byteFactor,
    rateFactor,
    timeFactor: byteFactor / rateFactor,
    sampled: sites.length < scenario.sites.length || hosts < hostCount(scenario),
  };
}

/** Sites at equal distances in the order of what they are, so that every kind of site is there in its proportion. */
function sampleOf(scenario: Scenario, { receiptsMax }: Effort): readonly SimulatedSite[] {
  const hostsMax = Math.max(1, Math.floor(receiptsMax / Math.min(pieceCountOf(scenario), PIECES_MAX)));
  const trimmed = scenario.sites.map((site) => ({ ...site, hosts: Math.min(site.hosts, SITE_HOSTS_MAX) }));
  const hosts = hostCount({ sites: trimmed });
  const count = clamp(
    Math.floor((trimmed.length * hostsMax) / hosts),
    Math.min(trimmed.length, 2),
    trimmed.length,
  );
  const standsFor = trimmed.length / count;
  const sorted = count === trimmed.length ? trimmed : trimmed.toSorted(compareSites);
  return Array.from({ length: count }, (_, index) => ({
    ...sorted[Math.floor((index + 0.5) * standsFor)]!,
    standsFor,
  }));
}

function compareSites(a: PlanSite, b: PlanSite): number {
  return (
    a.downBytesPerSecond - b.downBytesPerSecond ||
    a.startMs - b.startMs ||
    a.hosts - b.hosts ||
    a.upBytesPerSecond - b.upBytesPerSecond
  );
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

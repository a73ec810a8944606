import { choosePieceLength } from '@brine/piece-store';
import type { RateSchedule } from '@brine/swarm';

/** A WAN budget: bytes per second on the wire, or a schedule of them. */
export type Budget = number | RateSchedule;

/** One site of a fleet. Rates are those of the line, headers included, in bytes per second; undefined means unlimited. */
export interface PlanSite {
  /** Also the site's label, so `de/muc` is near `de/ber`. */
  readonly name: string;
  readonly hosts: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Of each host's own port. */
  readonly lanBytesPerSecond: number;
  /** One way, to the middle of the network. */
  readonly latencyMs: number;
  /** What its hosts together may draw over the WAN. */
  readonly budget: Budget | undefined;
  /** When its hosts begin, after the rollout's start. */
  readonly startMs: number;
}

export interface PlanOrigin {
  readonly upBytesPerSecond: number;
  readonly latencyMs: number;
}

/** Machines that go away and come back; nothing when undefined. Both are means of exponential distributions. */
export interface PlanChurn {
  /** How long a machine stays up. */
  readonly everyMs: number;
  /** How long it is away then. */
  readonly forMs: number;
}

/** A rollout to be planned. */
export interface Scenario {
  readonly payloadBytes: number;
  readonly pieceLength: number;
  readonly origin: PlanOrigin;
  readonly sites: readonly PlanSite[];
  /** Hosts begin at random within this time after their site's start. */
  readonly startSpreadMs: number;
  readonly churn: PlanChurn | undefined;
  /** What the wall clock shows at the start, milliseconds since 1970 UTC: matters to schedules only. */
  readonly startEpochMs: number;
  readonly seeds: readonly number[];
}

/** What a scenario is when nobody says otherwise. */
export const DEFAULTS = {
  linkBytesPerSecond: 2_500_000,
  originBytesPerSecond: 12_500_000,
  lanBytesPerSecond: 125_000_000,
  latencyMs: 15,
  originLatencyMs: 5,
  hosts: 10,
  payloadBytes: 1_073_741_824,
  seeds: 3,
  /** Monday, 5 January 2026, midnight UTC. */
  startEpochMs: 1_767_571_200_000,
} as const;

export const SITES_MAX = 100_000;
export const HOSTS_MAX = 10_000_000;
export const SEEDS_MAX = 1000;

export function hostCount(scenario: Pick<Scenario, 'sites'>): number {
  return scenario.sites.reduce((sum, { hosts }) => sum + hosts, 0);
}

export function pieceCountOf({ payloadBytes, pieceLength }: Scenario): number {
  return Math.ceil(payloadBytes / pieceLength);
}

export function pieceLengthFor(payloadBytes: number): number {
  return choosePieceLength(payloadBytes);
}

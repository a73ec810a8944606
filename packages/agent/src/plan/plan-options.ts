import { isPieceLength } from '@brine/piece-store';

import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';
import { formatBinarySize } from '../units/size.ts';
import { DEFAULTS, HOSTS_MAX, pieceLengthFor, SEEDS_MAX, SITES_MAX } from './scenario.ts';
import type { Budget, PlanChurn, PlanSite, Scenario } from './scenario.ts';

/** The options of `plan` as the command line hands them over; rates in bytes per second, Infinity for `unlimited`. */
export interface PlanOptions extends FleetOptions {
  readonly seeds?: number;
  readonly compare?: boolean;
  readonly json?: boolean;
  readonly svg?: string;
  readonly threads?: number;
}

/** Those that describe the fleet, as a file does. */
export interface FleetOptions {
  readonly sites?: number;
  readonly hosts?: number;
  readonly link?: number;
  readonly linkUp?: number;
  readonly lan?: number;
  readonly origin?: number;
  /** Milliseconds, as are all times. */
  readonly latency?: number;
  readonly size?: number;
  readonly pieceSize?: number;
  readonly budget?: Budget;
  readonly startSpread?: number;
  readonly churn?: PlanChurn;
  readonly startAt?: number;
}

/** The names of `FleetOptions` as people write them. */
const FLEET_FLAGS: Readonly<Record<keyof FleetOptions, string>> = {
  sites: '--sites',
  hosts: '--hosts',
  link: '--link',
  linkUp: '--link-up',
  lan: '--lan',
  origin: '--origin',
  latency: '--latency',
  size: '--size',
  pieceSize: '--piece-size',
  budget: '--budget',
  startSpread: '--start-spread',
  churn: '--churn',
  startAt: '--start-at',
};

/** A fleet of equal sites. Throws `CommandError` that names the option. */
export function scenarioOfOptions(options: PlanOptions): Scenario {
  const count = options.sites ?? 10;
  if (count > SITES_MAX) throw badOption('--sites', `at most ${SITES_MAX} sites can be planned for`);
  const hosts = options.hosts ?? DEFAULTS.hosts;
  if (count * hosts > HOSTS_MAX)
    throw badOption('--hosts', `at most ${HOSTS_MAX} machines can be planned for`);
  const down = options.link ?? DEFAULTS.linkBytesPerSecond;
  const digits = String(count).length;
  const sites = Array.from({ length: count }, (_, index): PlanSite => ({
    name: `site-${String(index + 1).padStart(digits, '0')}`,
    hosts,
    downBytesPerSecond: positive('--link', down),
    upBytesPerSecond: positive('--link-up', options.linkUp ?? down),
    lanBytesPerSecond: positive('--lan', options.lan ?? DEFAULTS.lanBytesPerSecond),
    latencyMs: options.latency ?? DEFAULTS.latencyMs,
    budget: options.budget === 0 ? positive('--budget', 0) : options.budget,
    startMs: 0,
  }));
  const payloadBytes = positive('--size', options.size ?? DEFAULTS.payloadBytes);
  const pieceLength = options.pieceSize ?? pieceLengthFor(payloadBytes);
  if (!isPieceLength(pieceLength))
    throw badOption(
      '--piece-size',
      `${formatBinarySize(pieceLength)} is not a power of two from 16KiB to 16MiB; write 256KiB, 1MiB, 4MiB …`,
    );
  return {
    payloadBytes,
    pieceLength,
    origin: {
      upBytesPerSecond: positive('--origin', options.origin ?? DEFAULTS.originBytesPerSecond),
      latencyMs: DEFAULTS.originLatencyMs,
    },
    sites,
    startSpreadMs: options.startSpread ?? 0,
    churn: options.churn,
    startEpochMs: options.startAt ?? DEFAULTS.startEpochMs,
    seeds: seedsOf(options.seeds),
  };
}

/** Seeds 1 to `count`. */
export function seedsOf(count: number = DEFAULTS.seeds): readonly number[] {
  if (count > SEEDS_MAX) throw badOption('--seeds', `at most ${SEEDS_MAX} make sense`);
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** The flags given that describe a fleet; with a file there may be none. */
export function fleetFlagsIn(options: FleetOptions): readonly string[] {
  return (Object.keys(FLEET_FLAGS) as (keyof FleetOptions)[])
    .filter((name) => options[name] !== undefined)
    .map((name) => FLEET_FLAGS[name]);
}

export function badOption(flag: string, why: string): CommandError {
  return new CommandError('argument-invalid', ExitCode.usage, `${flag}: ${why}.`);
}

function positive(flag: string, value: number): number {
  if (value > 0) return value;
  throw badOption(flag, 'with nothing at all nobody is ever done; write more than 0');
}

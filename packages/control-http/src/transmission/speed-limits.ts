import { Schedule } from '@brine/swarm';
import type { Rate, RateLimits } from '@brine/swarm';

/** A limit as Transmission has them: a switch, and a number that stays while it is off. */
export interface SpeedLimit {
  readonly enabled: boolean;
  /** kB/s, of 1,000 bytes. */
  readonly kilobytesPerSecond: number;
}

/**
 * How a rate looks to Transmission's clients; a schedule, by what it says at this instant (milliseconds since 1970). `unused` is the
 * number of a limit that is off.
 */
export function speedLimitOf(
  rate: Rate | undefined,
  nowMs: number,
  unused: number = UNUSED_KILOBYTES,
): SpeedLimit {
  const bytes = typeof rate === 'object' ? new Schedule(rate).rateAt(nowMs) : (rate ?? Infinity);
  if (bytes === Infinity) return { enabled: false, kilobytesPerSecond: unused };
  // Not 0 unless it stops.
  return { enabled: true, kilobytesPerSecond: Math.ceil(bytes / BYTES) };
}

/** A rate after a change; what that leaves unsaid stays, a schedule too. */
export function changedRate(
  before: Rate | undefined,
  shown: SpeedLimit,
  { enabled = shown.enabled, kilobytesPerSecond = shown.kilobytesPerSecond }: Partial<SpeedLimit>,
): Rate | undefined {
  if (enabled === shown.enabled && kilobytesPerSecond === shown.kilobytesPerSecond) return before;
  return enabled ? kilobytesPerSecond * BYTES : undefined;
}

/** Limits of which those that are undefined are none. */
export function limitsOf(down: Rate | undefined, up: Rate | undefined): RateLimits {
  return {
    ...(down === undefined ? {} : { downBytesPerSecond: down }),
    ...(up === undefined ? {} : { upBytesPerSecond: up }),
  };
}

/** Of a kB, as `units` tells the clients. */
export const BYTES = 1_000;
/** Shown for a limit that is off, and taken when only its switch is turned on: Transmission's own default. 0 would stop everything. */
export const UNUSED_KILOBYTES = 100;

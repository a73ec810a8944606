/*
 * What no scheme can beat, from the lines alone: each site's line brings the payload once, the origin sends it once, and everything that
 * goes into sites has come out of the origin or of other sites (Kumar and Ross, Peer-Assisted File Distribution: The Minimum
 * Distribution Time, 2006, with sites for peers).
 */
import { Schedule } from '@brine/swarm';

import type { PlanSite, Scenario } from './scenario.ts';

/** Bytes on the wire for a byte of a TCP stream in full Ethernet frames: 1,448 of 1,514. */
export const WIRE_FACTOR: number = 1514 / 1448;
/** Bytes of the stream for a byte of payload: the header of each block. */
const HEADER_FACTOR: number = (16_384 + 13) / 16_384;

export interface Floor {
  /** Seconds from the start of the rollout until the last host can be done. */
  readonly seconds: number;
  /** Which of the bounds it is. */
  readonly reason: 'site line' | 'origin line' | 'all lines together';
  /** For `site line`: which. */
  readonly site?: string;
}

/** Bytes that the payload is on a line. */
export function wireBytes(payloadBytes: number): number {
  return payloadBytes * HEADER_FACTOR * WIRE_FACTOR;
}

/** The soonest that a site can be done by its own line, budget and start, and by the origin's line; seconds after the rollout's start. */
export function siteFloorSeconds(scenario: Scenario, site: PlanSite): number {
  const bytes = wireBytes(scenario.payloadBytes);
  return Math.max(lineSeconds(scenario, site), bytes / scenario.origin.upBytesPerSecond);
}

export function fleetFloor(scenario: Scenario): Floor {
  const { sites, origin } = scenario;
  const bytes = wireBytes(scenario.payloadBytes);
  const slowest = sites.reduce((a, b) => (lineSeconds(scenario, b) > lineSeconds(scenario, a) ? b : a));
  const up = sites.reduce((sum, { upBytesPerSecond }) => sum + upBytesPerSecond, origin.upBytesPerSecond);
  const bounds: Floor[] = [
    { seconds: lineSeconds(scenario, slowest), reason: 'site line', site: slowest.name },
    { seconds: bytes / origin.upBytesPerSecond, reason: 'origin line' },
    { seconds: (bytes * sites.length) / up, reason: 'all lines together' },
  ];
  return bounds.reduce((a, b) => (b.seconds > a.seconds ? b : a));
}

/** How long the site's line takes for one payload, from the rollout's start on, within its budget. */
function lineSeconds(scenario: Scenario, site: PlanSite): number {
  const bytes = wireBytes(scenario.payloadBytes);
  const startSeconds = site.startMs / 1000;
  if (typeof site.budget !== 'object')
    return startSeconds + bytes / Math.min(site.downBytesPerSecond, site.budget ?? Infinity);
  return startSeconds + scheduledSeconds(new Schedule(site.budget), site, scenario.startEpochMs, bytes);
}

function scheduledSeconds(schedule: Schedule, site: PlanSite, startEpochMs: number, bytes: number): number {
  const beginMs = startEpochMs + site.startMs;
  let left = bytes;
  for (let atMs = beginMs; ;) {
    const rate = Math.min(site.downBytesPerSecond, schedule.rateAt(atMs));
    const untilMs = schedule.nextChangeMs(atMs);
    const fits = (rate * (untilMs - atMs)) / 1000;
    if (rate > 0 && fits >= left) return (atMs - beginMs) / 1000 + left / rate;
    if (untilMs === Infinity) return Infinity;
    left -= fits;
    atMs = untilMs;
  }
}

import { floorSeconds, streamBytes } from './arithmetic.ts';
import type { Course } from './course.ts';
import type { Member } from './member.ts';
import type { Snapshot } from './wan-meter.ts';

/** What a scenario measured. Amounts are bytes on the wire, all headers and acknowledgements counted, as multiples of the payload. */
export interface Outcome {
  /** Into each site but the origin's, over its link. One copy is 1.05. */
  readonly into: readonly number[];
  /** What of `into` the streams of the peers carried; the rest are headers and acknowledgements of what went out. */
  readonly streamsInto: readonly number[];
  /** Out of each site but the origin's. */
  readonly outOf: readonly number[];
  /** Out of the origin. */
  readonly origin: number;
  /** Seconds from the start of the leechers to each one's completion, as they stand in `course.members`. */
  readonly seconds: readonly number[];
  /** Seconds in which the payload passes one site's link at best. */
  readonly floor: number;
  /** Hosts with a payload that is not the origin's. */
  readonly damaged: readonly string[];
  /** Of the seeder since its start and of all leechers, seconds. NaN without a probe. */
  readonly cpuSeconds: number;
}

/** The site that took most. */
export function worst({ into }: Pick<Outcome, 'into'>): number {
  return Math.max(...into);
}

/** When the last host was done, seconds. */
export function last({ seconds }: Pick<Outcome, 'seconds'>): number {
  return Math.max(...seconds);
}

/** When the last host was done, as a multiple of the link's floor. */
export function timesFloor(outcome: Pick<Outcome, 'seconds' | 'floor'>): number {
  return last(outcome) / outcome.floor;
}

/** Waits for the given members and takes down what they needed. */
export async function outcomeOf(
  course: Course,
  startedAt: number,
  members: readonly Member[],
  cpuOf: ((pid: number) => number) | undefined,
): Promise<Outcome> {
  const doneAt = await course.complete(members);
  const { links } = course.fleet.meter.now();
  const cpu = [course.originPid, ...members.map(({ pid }) => pid)].map((pid) => cpuOf?.(pid) ?? Number.NaN);
  return {
    ...amountsOf(links, course.order.payloadBytes),
    seconds: doneAt.map((at) => (at - startedAt) / 1000),
    floor: floorSeconds(course.order.payloadBytes, course.order.rate),
    cpuSeconds: cpu.reduce((sum, seconds) => sum + seconds, 0),
    damaged: await course.damaged(members),
  };
}

function amountsOf(
  links: Snapshot['links'],
  payloadBytes: number,
): Pick<Outcome, 'into' | 'streamsInto' | 'outOf' | 'origin'> {
  const [origin, ...sites] = links;
  return {
    into: sites.map(({ into }) => into.bytes / payloadBytes),
    streamsInto: sites.map(({ into }) => streamBytes(into) / payloadBytes),
    outOf: sites.map(({ outOf }) => outOf.bytes / payloadBytes),
    origin: (origin?.outOf.bytes ?? 0) / payloadBytes,
  };
}

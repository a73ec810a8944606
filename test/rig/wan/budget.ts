import { setTimeout as delay } from 'node:timers/promises';

import { extremeRates, ratesBySecond } from './arithmetic.ts';
import type { Reading } from './arithmetic.ts';
import { arrivalRate } from './arrival-rate.ts';
import { Course } from './course.ts';
import { brineWithSites } from './fleet-client.ts';
import type { FleetClient } from './fleet-client.ts';
import { Fleet } from './fleet.ts';
import type { FleetHost } from './fleet.ts';

/**
 * A client whose site keeps to `rate` and, from the given moment on, to `next`. Rates in bits per second on the wire, for all hosts of the
 * site together; moments in milliseconds since 1970, whole minutes.
 */
export type Budgeting = (rate: number, next: number, changeAt: number) => FleetClient;

/** What is to be measured. */
export interface BudgetOrder {
  readonly hosts: number;
  /** Of the site's link. */
  readonly linkRate: number;
  readonly budget: number;
  /** What the budget is changed to. */
  readonly nextBudget: number;
  /** Seconds that each budget is watched for. */
  readonly seconds: number;
}

/** How a budget was kept. Rates in bits per second on the wire, into the site. */
export interface BudgetOutcome {
  /** Milliseconds from starting the hosts until a whole second kept within a tenth of the budget; watching begins there. */
  readonly rampMs: number;
  readonly first: Kept;
  /** Milliseconds from the change until a whole second kept within a tenth of the new budget; undefined if never. */
  readonly settledMs: number | undefined;
  readonly next: Kept;
  /** How fast one more host gets from its neighbours what they have. */
  readonly lanRate: number;
}

/** The slowest and the fastest ten seconds. */
export interface Kept {
  readonly slowest: number;
  readonly fastest: number;
  /** Every second, for whoever wonders. */
  readonly seconds: readonly number[];
}

const WINDOW_MS = 10_000;
const TOLERANCE = 0.03;
/** A LAN that carries what ten links of the site carry is not limited by anybody. */
const LAN_LINKS = 10;
/** Start of a dozen processes and introductions take less. */
const RAMP_MS_MAX = 30_000;
/** What is watched after a change begins here: the promise is two seconds. */
const SETTLE_MS = 2000;
/** Building a fleet, a payload and a seeder. */
const OPENING_MS = 8000;
/** From the start to the change, at most: it comes with a whole minute. */
const PASSING_SECONDS_MAX = 120;
const PIECE_LENGTH = 256 * 1024;

/** What of the promises was not kept, as sentences: 3 % over any ten seconds, two seconds for a change, a LAN that is not limited. */
export function brokenBudget(outcome: BudgetOutcome, order: BudgetOrder): readonly string[] {
  const { first, next, settledMs, lanRate } = outcome;
  const found = [...notKept(first, order.budget), ...notKept(next, order.nextBudget)];
  if (settledMs === undefined || settledMs > SETTLE_MS)
    found.push(
      `the change took ${settledMs?.toFixed(0) ?? 'more than the watched'} ms, allowed ${SETTLE_MS}`,
    );
  if (lanRate < LAN_LINKS * order.linkRate) found.push(`the LAN brought ${mbit(lanRate)} only`);
  return found;
}

/** For people: `4.98 Mbit/s`. */
export function mbit(bitsPerSecond: number): string {
  return `${(bitsPerSecond / 1e6).toFixed(2)} Mbit/s`;
}

function notKept({ slowest, fastest }: Omit<Kept, 'seconds'>, rate: number): readonly string[] {
  const strayed = Math.max(fastest / rate - 1, 1 - slowest / rate);
  return strayed <= TOLERANCE
    ? []
    : [`${mbit(slowest)} to ${mbit(fastest)} in ten seconds instead of ${mbit(rate)}`];
}

/** Watches a site with a budget; the payload is larger than what can pass meanwhile. Takes one to two minutes more than it watches. */
export async function budget(budgeting: Budgeting, order: BudgetOrder): Promise<BudgetOutcome> {
  const { hosts, linkRate, seconds } = order;
  const link = { downRate: linkRate, upRate: linkRate };
  // One more, for the question how fast the LAN is.
  const sites = [{ ...link, label: 'site-1', hosts: hosts + 1 }];
  await using fleet = await Fleet.open({ origin: { ...link, label: 'origin' }, sites });
  const changeAt = nextMinute(Date.now() + OPENING_MS + RAMP_MS_MAX + seconds * 1000);
  const client = budgeting(order.budget, order.nextBudget, changeAt);
  const course = await Course.open(fleet, {
    payloadBytes: Math.ceil((PASSING_SECONDS_MAX * order.budget + 2 * seconds * order.nextBudget) / 8),
    pieceLength: PIECE_LENGTH,
    rate: linkRate,
    seeder: brineWithSites,
    tracker: false,
    timeoutMs: 600_000,
  });
  const all = fleet.sites[0]?.hosts ?? [];
  await Promise.all(all.slice(0, hosts).map((host) => course.start(client, host)));
  const rampMs = await ramp(fleet, order.budget);
  const first = await watchUntil(fleet, changeAt - 100);
  const settledMs = await settling(fleet, changeAt, order.nextBudget);
  const next = await watchUntil(fleet, Date.now() + seconds * 1000 + 200);
  return {
    rampMs,
    first,
    settledMs,
    next,
    lanRate: await lanRateOf(course, client, all.at(-1) as FleetHost),
  };
}

function nextMinute(ms: number): number {
  return Math.ceil(ms / 60_000) * 60_000;
}

async function ramp(fleet: Fleet, rate: number): Promise<number> {
  const started = performance.now();
  fleet.meter.mark();
  while (performance.now() - started < RAMP_MS_MAX) {
    await delay(100);
    const settledAt = settled(fleet.meter.readings(1, 'into', 'wire'), rate);
    if (settledAt !== undefined) return settledAt + 1000 - started;
  }
  throw new Error(`the site never drew what its budget allows, in ${RAMP_MS_MAX / 1000} s`);
}

async function watchUntil(fleet: Fleet, ms: number): Promise<Kept> {
  fleet.meter.mark();
  await delay(ms - Date.now());
  const readings = fleet.meter.readings(1, 'into', 'wire');
  const kept = extremeRates(readings, WINDOW_MS);
  if (kept === undefined) throw new RangeError(`a budget is watched for ${WINDOW_MS / 1000} s at least`);
  return { ...kept, seconds: ratesBySecond(readings) };
}

async function settling(fleet: Fleet, changeAt: number, rate: number): Promise<number | undefined> {
  fleet.meter.mark();
  const changedAt = performance.now() + changeAt - Date.now();
  await delay(changeAt - Date.now() + SETTLE_MS + 1100);
  const settledAt = settled(
    fleet.meter.readings(1, 'into', 'wire').filter(({ at }) => at >= changedAt),
    rate,
  );
  return settledAt === undefined ? undefined : settledAt - changedAt;
}

/** The beginning of the first second that kept within a tenth of a rate. */
export function settled(readings: readonly Reading[], rate: number): number | undefined {
  return readings.find((first) => {
    const second = readings.filter(({ at }) => at >= first.at && at - first.at <= 1100);
    const kept = extremeRates(second, 950);
    return kept !== undefined && Math.abs(kept.fastest / rate - 1) < 0.1;
  })?.at;
}

/** Lets one more host begin and sees how fast it catches up. */
async function lanRateOf(course: Course, client: FleetClient, host: FleetHost): Promise<number> {
  const there = course.fleet.meter.total(1);
  await course.start(client, host);
  return arrivalRate(host, there);
}

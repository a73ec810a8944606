import { setTimeout as delay } from 'node:timers/promises';

import { extremeRates } from './arithmetic.ts';
import type { Reading } from './arithmetic.ts';
import { Course } from './course.ts';
import type { FleetClient } from './fleet-client.ts';
import { Fleet } from './fleet.ts';
import type { FleetHost } from './fleet.ts';
import type { Member } from './member.ts';

/** A way to make the hosts of a site keep to a budget together. Rates in bits per second on the wire. */
export interface Budgeting {
  /** The client of a site of so many hosts with this budget. */
  client(rate: number, hosts: number): FleetClient;
  /** Changes it while it runs; absent where that cannot be done. */
  change?(member: Member, rate: number): Promise<void>;
}

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
  readonly first: Kept;
  /** Milliseconds from the change until a whole second kept within a tenth of the new budget; undefined without a change or if never. */
  readonly settledMs: number | undefined;
  readonly next: Kept | undefined;
  /** How fast one more host gets from its neighbours what they have. */
  readonly lanRate: number;
}

/** The slowest and the fastest ten seconds. */
export interface Kept {
  readonly slowest: number;
  readonly fastest: number;
}

const WINDOW_MS = 10_000;
/** Start of a dozen processes, introductions, the first measurements of themselves. */
const WARM_UP_MS = 8000;
/** What is watched after a change begins here: the promise is two seconds. */
const SETTLE_MS = 2000;
const PIECE_LENGTH = 256 * 1024;

/** Watches a site with a budget; the payload is larger than what can pass meanwhile. */
export async function budget(budgeting: Budgeting, order: BudgetOrder): Promise<BudgetOutcome> {
  const { hosts, linkRate, seconds } = order;
  const link = { downRate: linkRate, upRate: linkRate };
  // One more, for the question how fast the LAN is.
  const sites = [{ ...link, label: 'site-1', hosts: hosts + 1 }];
  await using fleet = await Fleet.open({ origin: { ...link, label: 'origin' }, sites });
  const client = budgeting.client(order.budget, hosts);
  const passing = (2 * SETTLE_MS + 2 * WARM_UP_MS) / 1000 + 2 * seconds;
  const course = await Course.open(fleet, {
    payloadBytes: Math.ceil((passing * Math.max(order.budget, order.nextBudget)) / 8),
    pieceLength: PIECE_LENGTH,
    rate: linkRate,
    seeder: client,
    tracker: false,
    timeoutMs: 600_000,
  });
  const all = fleet.sites[0]?.hosts ?? [];
  await Promise.all(all.slice(0, hosts).map((host) => course.start(client, host)));
  await delay(WARM_UP_MS);
  const first = await watch(fleet, seconds);
  const changed = await change(budgeting, course, order);
  return { first, ...changed, lanRate: await lanRateOf(course, client, all.at(-1) as FleetHost) };
}

async function watch(fleet: Fleet, seconds: number): Promise<Kept> {
  fleet.meter.mark();
  await delay(seconds * 1000 + 200);
  const kept = extremeRates(fleet.meter.readings(1, 'into', 'wire'), WINDOW_MS);
  if (kept === undefined) throw new RangeError(`a budget is watched for ${WINDOW_MS / 1000} s at least`);
  return kept;
}

async function change(
  budgeting: Budgeting,
  course: Course,
  order: BudgetOrder,
): Promise<Pick<BudgetOutcome, 'settledMs' | 'next'>> {
  const tell = budgeting.change?.bind(budgeting);
  if (tell === undefined) return { settledMs: undefined, next: undefined };
  const { meter } = course.fleet;
  meter.mark();
  const changedAt = performance.now();
  await Promise.all(course.members.map((member) => tell(member, order.nextBudget)));
  await delay(2 * SETTLE_MS + 1000);
  const settledAt = settled(meter.readings(1, 'into', 'wire'), order.nextBudget);
  const settledMs = settledAt === undefined ? undefined : Math.max(0, settledAt - changedAt);
  return { settledMs, next: await watch(course.fleet, order.seconds) };
}

/** The beginning of the first second that kept within a tenth of a rate. */
export function settled(readings: readonly Reading[], rate: number): number | undefined {
  return readings.find((first) => {
    const second = readings.filter(({ at }) => at >= first.at && at - first.at <= 1100);
    const kept = extremeRates(second, 950);
    return kept !== undefined && Math.abs(kept.fastest / rate - 1) < 0.1;
  })?.at;
}

/** Lets one more host begin and sees how fast it catches up: from the first tenth of what there is to nine tenths. */
async function lanRateOf(course: Course, client: FleetClient, host: FleetHost): Promise<number> {
  const there = course.fleet.meter.total(1);
  await course.start(client, host);
  let begunAt: number | undefined;
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    const received = await host.receivedBytes();
    if (received > there * 0.1) begunAt ??= performance.now();
    if (received > there * 0.9) return (there * 0.8 * 8000) / Math.max(1, performance.now() - (begunAt ?? 0));
    await delay(5);
  }
  return 0;
}

import { setTimeout as delay } from 'node:timers/promises';

import { floorSeconds, fraction } from './arithmetic.ts';
import { Course } from './course.ts';
import { bestFetcher } from './fetchers.ts';
import type { FleetClient } from './fleet-client.ts';
import { Fleet } from './fleet.ts';
import type { SitePlan } from './fleet.ts';
import type { Member } from './member.ts';
import { outcomeOf } from './outcome.ts';
import type { Outcome } from './outcome.ts';

/** What all scenarios have in common. */
export interface Conditions {
  readonly payloadBytes: number;
  readonly pieceLength: number;
  /** Of every site's link, both ways, bits per second. */
  readonly rate: number;
  /** CPU seconds that a process has used, for whoever wants to know. */
  readonly cpuOf?: (pid: number) => number;
}

/** Hosts by site and number. */
type Assignment = (site: number, host: number) => FleetClient;

/** Slowest client seen so far: 5.6 times the floor. */
const TIMEOUT_FLOORS = 12;

/** All hosts of all sites start at once, empty. */
export function together(
  conditions: Conditions,
  shape: { readonly sites: number; readonly hosts: number },
  client: FleetClient,
): Promise<Outcome> {
  return foreigners(conditions, shape, client, () => client);
}

/** The same with another client on some hosts. `client` is the origin's. */
export async function foreigners(
  conditions: Conditions,
  shape: { readonly sites: number; readonly hosts: number },
  client: FleetClient,
  clientOf: Assignment,
): Promise<Outcome> {
  const labels = Array.from({ length: shape.sites }, (_, i) => `site-${i + 1}`);
  await using fleet = await openFleet(conditions, labels, shape.hosts);
  const clients = fleet.sites.flatMap((site) => site.hosts.map((_, number) => clientOf(site.index, number)));
  const course = await openCourse(conditions, fleet, client, clients);
  const started = Date.now();
  await startAll(course, [1, shape.sites], clientOf);
  return await outcomeOf(course, started, course.members, conditions.cpuOf);
}

/** Every other host is killed once, at a moment that `seed` decides, and started again one to three seconds later. */
export async function churn(
  conditions: Conditions,
  shape: { readonly sites: number; readonly hosts: number },
  client: FleetClient,
  seed: number,
): Promise<Outcome> {
  const labels = Array.from({ length: shape.sites }, (_, i) => `site-${i + 1}`);
  await using fleet = await openFleet(conditions, labels, shape.hosts);
  const course = await openCourse(conditions, fleet, client, [client]);
  const started = Date.now();
  await startAll(course, [1, shape.sites], () => client);
  const spanMs = floorSeconds(conditions.payloadBytes, conditions.rate) * 1000;
  const victims = course.members.filter((_, i) => i % 2 === 0);
  await Promise.all(
    victims.map(async (victim, i) => {
      await delay(fraction(seed, 2 * i) * spanMs);
      await victim.kill();
      await delay(1000 + 2000 * fraction(seed, 2 * i + 1));
      await victim.start();
    }),
  );
  return await outcomeOf(course, started, course.members, conditions.cpuOf);
}

/** In the first site the host that has fetched most dies for good when 40 % of the floor have passed. */
export async function bestFetcherDies(
  conditions: Conditions,
  shape: { readonly sites: number; readonly hosts: number },
  client: FleetClient,
): Promise<Outcome> {
  const labels = Array.from({ length: shape.sites }, (_, i) => `site-${i + 1}`);
  await using fleet = await openFleet(conditions, labels, shape.hosts);
  const course = await openCourse(conditions, fleet, client, [client]);
  const started = Date.now();
  await startAll(course, [1, shape.sites], () => client);
  await delay(floorSeconds(conditions.payloadBytes, conditions.rate) * 400);
  const best = await bestFetcher(course.members.filter(({ host }) => host.site === 1));
  await best.kill();
  const others = course.members.filter((member) => member !== best);
  return await outcomeOf(course, started, others, conditions.cpuOf);
}

/** Two sites complete; then a third begins that is nearer to the first than to the second. What it needed is measured alone. */
export async function lateSite(conditions: Conditions, hosts: number, client: FleetClient): Promise<Outcome> {
  await using fleet = await openFleet(conditions, ['eu/first', 'us/second', 'eu/late'], hosts);
  const course = await openCourse(conditions, fleet, client, [client]);
  await startAll(course, [1, 2], () => client);
  await course.complete();
  await delay(1000); // what the last ones tell each other
  fleet.meter.mark();
  const started = Date.now();
  const late = await startAll(course, [3, 3], () => client);
  return await outcomeOf(course, started, late, conditions.cpuOf);
}

function openFleet({ rate }: Conditions, labels: readonly string[], hosts: number): Promise<Fleet> {
  const link = { downRate: rate, upRate: rate };
  const sites = labels.map((label): SitePlan => ({ ...link, label, hosts }));
  return Fleet.open({ origin: { ...link, label: 'origin' }, sites });
}

function openCourse(
  { payloadBytes, pieceLength, rate }: Conditions,
  fleet: Fleet,
  seeder: FleetClient,
  clients: readonly FleetClient[],
): Promise<Course> {
  return Course.open(fleet, {
    payloadBytes,
    pieceLength,
    rate,
    seeder,
    tracker: [seeder, ...clients].some(({ client }) => !client.takesPeers),
    timeoutMs: floorSeconds(payloadBytes, rate) * 1000 * TIMEOUT_FLOORS,
  });
}

async function startAll(
  course: Course,
  [first, final]: readonly [number, number],
  clientOf: Assignment,
): Promise<readonly Member[]> {
  const chosen = course.fleet.sites.filter(({ index }) => index >= first && index <= final);
  const hosts = chosen.flatMap((site) => site.hosts.map((host, number) => ({ host, number })));
  return Promise.all(hosts.map(({ host, number }) => course.start(clientOf(host.site, number), host)));
}

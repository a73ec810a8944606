import type { EngineOptions, SiteOptions } from '@brine/swarm';
import type { Payload, SimMachine, SimSite, SimWorld } from '@brine/swarm/sim';

export interface SitePlan {
  readonly sites: number;
  readonly hosts: number;
  /** Bytes per second of every site's line, each way; the origin's too. */
  readonly line: number;
  readonly engine?: EngineOptions;
  /** What members of all sites are told about theirs, besides its label. */
  readonly site?: SiteOptions;
  /** Sites switched off: plain BitTorrent. */
  readonly plain?: boolean;
}

/** An origin and sites of machines behind their lines. */
export interface SiteFleet {
  readonly origin: SimMachine;
  readonly originLine: SimSite;
  readonly sites: readonly { readonly line: SimSite; readonly machines: readonly SimMachine[] }[];
  readonly machines: readonly SimMachine[];
  /** A further site, `number` from the number of sites on. */
  addSite(number: number, label?: string): Promise<{ line: SimSite; machines: SimMachine[] }>;
}

export async function makeFleet(world: SimWorld, plan: SitePlan): Promise<SiteFleet> {
  const { sites, hosts, line } = plan;
  const addSite = async (
    number: number,
    label = `s${number}`,
    count = hosts,
  ): Promise<{ line: SimSite; machines: SimMachine[] }> => {
    const site = world.network.addSite(label, { up: line, down: line });
    const machines: SimMachine[] = [];
    for (let host = 0; host < count; host += 1) {
      machines.push(
        await world.addMachine({
          name: `${label}h${host}`,
          ip: `10.${number >> 8}.${number & 0xff}.${host + 10}`,
          prefixLength: 24,
          latencyMs: 0.2,
          site,
          engine: { ...plan.engine, site: plan.plain === true ? false : { ...plan.site, label } },
        }),
      );
    }
    return { line: site, machines };
  };
  const originSite = await addSite(0, 'origin', 1);
  const built = [];
  for (let number = 1; number <= sites; number += 1) built.push(await addSite(number));
  return {
    origin: originSite.machines[0]!,
    originLine: originSite.line,
    sites: built,
    machines: built.flatMap(({ machines }) => machines),
    addSite,
  };
}

/** The three numbers, as multiples of the payload and of what the line allows. */
export interface SiteNumbers {
  readonly into: readonly number[];
  readonly outOfOrigin: number;
  readonly timeFactor: number;
}

export async function rollOut(
  world: SimWorld,
  fleet: SiteFleet,
  payload: Payload,
  line: number,
): Promise<SiteNumbers> {
  fleet.origin.seed(payload);
  const everybody = [fleet.origin, ...fleet.machines];
  for (const machine of fleet.machines) machine.get(payload, everybody);
  const floorMs = (payload.content.length / line) * 1000;
  const tookMs = await world.runUntil(
    'all complete',
    () => fleet.machines.every((machine) => machine.completed(payload)),
    20 * floorMs + 60_000,
  );
  return numbers(fleet, payload, tookMs / floorMs);
}

export function numbers(fleet: SiteFleet, payload: Payload, timeFactor: number): SiteNumbers {
  const size = payload.content.length;
  return {
    into: fleet.sites.map(({ line }) => line.down.bytesCarried / size),
    outOfOrigin: fleet.originLine.up.bytesCarried / size,
    timeFactor,
  };
}

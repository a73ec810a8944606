import { describe, expect, it } from 'vitest';

import type { Payload, SimMachine, SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';
import { makeFleet } from './site-world.ts';
import type { SiteFleet } from './site-world.ts';

const LINE = 2_500_000;
/** 5 Mbit/s on the wire. The simulator's network carries streams without headers: 1,448 of 1,514 bytes. */
const BUDGET = 625_000;
const STREAM = 1_448 / 1_514;

/** Bytes on the wire into the first site in each of so many seconds. */
async function into(world: SimWorld, { sites }: SiteFleet, seconds: number): Promise<number[]> {
  const carried: number[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const before = sites[0]!.line.down.bytesCarried;
    await world.runFor(1000);
    carried.push((sites[0]!.line.down.bytesCarried - before) / STREAM);
  }
  return carried;
}

/** Within 3 per cent over any ten seconds. */
function expectWithin(rates: readonly number[], budget: number): void {
  const windows = rates
    .slice(9)
    .map((_, at) => rates.slice(at, at + 10).reduce((sum, rate) => sum + rate, 0) / 10);
  expect(Math.max(...windows)).toBeLessThan(budget * 1.03);
  expect(Math.min(...windows)).toBeGreaterThan(budget * 0.97);
}

function drawsFrom(origin: SimMachine, machine: SimMachine, payload: Payload): boolean {
  const { peers } = machine.torrent(payload)!;
  return peers.some(
    ({ address, downBytesPerSecond }) => address.ip === origin.address.ip && downBytesPerSecond > 10_000,
  );
}

describe("A site's WAN budget", () => {
  it.each(seeds())(
    'is kept by eight machines together, follows its schedule, and leaves the LAN alone (seed %i)',
    inWorld(async (world) => {
      world.clock.wallAtZeroMs = Date.parse('2026-01-09T17:59:20Z');
      const windows = [{ from: '08:00', to: '18:00', bytesPerSecond: BUDGET }];
      const downBytesPerSecond = { windows, otherwise: 2 * BUDGET, timeZone: 'UTC' };
      const fleet = await makeFleet(world, {
        sites: 1,
        hosts: 8,
        line: LINE,
        site: { budget: { downBytesPerSecond } },
      });
      const far = world.makePayload({ name: 'far', pieceLength: 65_536, fileLengths: [64_000_000] });
      const local = world.makePayload({ name: 'local', pieceLength: 65_536, fileLengths: [16_000_000] });
      fleet.origin.seed(far);
      const everybody = [fleet.origin, ...fleet.machines];
      for (const machine of fleet.machines) machine.get(far, everybody);
      await world.runFor(10_000);
      expectWithin(await into(world, fleet, 20), BUDGET);
      const [one, other] = fleet.machines;
      one!.seed(local);
      other!.get(local, [one!]);
      await world.runUntil('the local payload', () => other!.completed(local), 5_000);
      // Forty seconds after the beginning the evening begins.
      await world.clock.run({ untilMs: 42_000 });
      expectWithin(await into(world, fleet, 20), 2 * BUDGET);
    }),
  );

  it.each(seeds())(
    'is kept while machines start together, and what a dead one drew is back in seconds (seed %i)',
    inWorld(async (world) => {
      const site = { budget: { downBytesPerSecond: BUDGET }, fetchersMax: 4 };
      const fleet = await makeFleet(world, { sites: 1, hosts: 8, line: LINE, site });
      const far = world.makePayload({ name: 'far', pieceLength: 65_536, fileLengths: [64_000_000] });
      fleet.origin.seed(far);
      const everybody = [fleet.origin, ...fleet.machines];
      for (const machine of fleet.machines) machine.get(far, everybody);
      const start = await into(world, fleet, 10);
      // Nobody knows the others at first, so that less may be used, but never more.
      expect(start.reduce((sum, rate) => sum + rate, 0) / 10).toBeLessThan(BUDGET * 1.03);
      expectWithin(await into(world, fleet, 20), BUDGET);
      const fetcher = fleet.machines.find((machine) => drawsFrom(fleet.origin, machine, far))!;
      fetcher.kill();
      expectWithin(await into(world, fleet, 20), BUDGET);
    }),
  );
});

import { describe, expect, it } from 'vitest';

import type { EngineOptions } from '@brine/swarm';
import type { Payload, SimMachine, SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';
import { makeFleet } from './site-world.ts';
import type { SiteFleet } from './site-world.ts';

const LINE = 5_000_000;

/** An origin far away with one payload, and a site whose first machine has another. */
async function setUp(
  world: SimWorld,
  engine: EngineOptions,
): Promise<{ fleet: SiteFleet; one: SimMachine; other: SimMachine; far: Payload; local: Payload }> {
  const fleet = await makeFleet(world, { sites: 1, hosts: 2, line: LINE, engine });
  const [one, other] = fleet.machines;
  const far = world.makePayload({ name: 'far', pieceLength: 65_536, fileLengths: [24_000_000] });
  const local = world.makePayload({ name: 'local', pieceLength: 65_536, fileLengths: [24_000_000] });
  fleet.origin.seed(far);
  one!.seed(local);
  return { fleet, one: one!, other: other!, far, local };
}

/** Bytes per second that come in for a payload in the next ten seconds. */
async function rateOf(world: SimWorld, machine: SimMachine, payload: Payload): Promise<number> {
  const before = machine.torrent(payload)?.downloadedBytes ?? 0;
  await world.runFor(10_000);
  return ((machine.torrent(payload)?.downloadedBytes ?? 0) - before) / 10;
}

function expectRate(rate: number, limit: number): void {
  expect(rate).toBeGreaterThan(limit * 0.97);
  expect(rate).toBeLessThan(limit * 1.03);
}

const down = (bytesPerSecond: number): { downBytesPerSecond: number } => ({
  downBytesPerSecond: bytesPerSecond,
});

describe('Limits of classes', () => {
  it.each(seeds())(
    'hold what comes from other sites and leave the LAN untouched; changes are in force at once (seed %i)',
    inWorld(async (world) => {
      const { fleet, one, other, far, local } = await setUp(world, {
        classLimits: { outside: down(200_000) },
      });
      other.get(far, [fleet.origin]);
      await world.runFor(3000);
      expectRate(await rateOf(world, other, far), 200_000);
      other.get(local, [one]);
      // Nothing limits the LAN here, so that it is done before a limit of this height would let a tenth pass.
      await world.runUntil('the local payload', () => other.completed(local), 10_000);
      expectRate(await rateOf(world, other, far), 200_000);
      other.engine.setLimits(down(50_000), { class: 'wan' });
      await world.runFor(10_000);
      expectRate(await rateOf(world, other, far), 50_000);
      other.engine.setLimits(down(0), { class: 'outside' });
      await world.runFor(500);
      expect(await rateOf(world, other, far)).toBe(0);
      other.engine.setLimits({}, { class: 'outside' });
      other.engine.setLimits({}, { class: 'wan' });
      await world.runUntil('the far payload', () => other.completed(far), 10_000);
    }),
  );

  it.each(seeds())(
    'and of a torrent hold together, and a peer may have one of its own (seed %i)',
    inWorld(async (world) => {
      const { fleet, other, far } = await setUp(world, { classLimits: { wan: down(400_000) } });
      other.get(far, [fleet.origin], { limits: down(100_000) });
      await world.runFor(3000);
      expectRate(await rateOf(world, other, far), 100_000);
      other.engine.setLimits({}, far.id);
      await world.runFor(3000);
      expectRate(await rateOf(world, other, far), 400_000);
      const peer = other.torrent(far)!.peers[0]!.address;
      other.engine.setLimits(down(60_000), { torrent: far.id, peer });
      await world.runFor(10_000);
      expectRate(await rateOf(world, other, far), 60_000);
    }),
  );

  it.each(seeds())(
    'follow a schedule over midnight, on the second (seed %i)',
    inWorld(async (world) => {
      world.clock.wallAtZeroMs = Date.parse('2026-01-09T22:59:30Z');
      const downBytesPerSecond = {
        windows: [{ from: '00:00', to: '06:00', bytesPerSecond: 300_000 }],
        otherwise: 0,
        timeZone: 'Europe/Berlin',
      };
      const { fleet, other, far } = await setUp(world, { classLimits: { outside: { downBytesPerSecond } } });
      other.get(far, [fleet.origin]);
      await world.clock.run({ untilMs: 30_000 });
      expect(other.torrent(far)?.downloadedBytes).toBe(0);
      await world.runFor(2000);
      expect(other.torrent(far)?.downloadedBytes).toBeGreaterThan(150_000);
      expectRate(await rateOf(world, other, far), 300_000);
      // Six hours later by the wall clock, which was set: noticed within a minute.
      world.clock.wallAtZeroMs += 6 * 3_600_000;
      await world.runFor(60_000);
      expect(await rateOf(world, other, far)).toBe(0);
    }),
  );

  it.each(seeds())(
    'follow a schedule in the night when clocks go forward (seed %i)',
    inWorld(async (world) => {
      // 01:59:40 in Berlin; 20 s later it is 03:00.
      world.clock.wallAtZeroMs = Date.parse('2026-03-29T00:59:40Z');
      const night = [{ from: '02:00', to: '04:00', bytesPerSecond: 100_000 }];
      const { fleet, other, far } = await setUp(world, {});
      other.get(far, [fleet.origin]);
      other.engine.setLimits({
        downBytesPerSecond: { windows: night, otherwise: 400_000, timeZone: 'Europe/Berlin' },
      });
      await world.runFor(3000);
      expectRate(await rateOf(world, other, far), 400_000);
      await world.clock.run({ untilMs: 30_000 });
      expectRate(await rateOf(world, other, far), 100_000);
    }),
  );

  it.each(seeds())(
    'do not matter to one that sends to its own site only (seed %i)',
    inWorld(async (world) => {
      const { fleet, one, other, local } = await setUp(world, { sharing: 'site' });
      fleet.origin.get(local, [one, other]);
      other.get(local, [one]);
      await world.runUntil('the local payload', () => other.completed(local), 20_000);
      await world.runFor(30_000);
      expect(fleet.origin.torrent(local)?.downloadedBytes).toBe(0);
      expect(fleet.origin.torrent(local)?.peers.length).toBeGreaterThan(0);
    }),
  );
});

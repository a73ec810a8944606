import { describe, expect, it } from 'vitest';

import type { SimMachine, SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;
const MINUTE_MS = 60_000;

function addSite(world: SimWorld, name: string) {
  return world.network.addSite(name, { up: 2 * MB, down: 2 * MB });
}

function connectedTo(machine: SimMachine): number {
  return machine.engine.snapshot().peerCount;
}

describe('Machines without tracker and peers', () => {
  it.each(seeds())(
    'find each other within their site, and nobody elsewhere (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [MB] });
      const [here, there] = [addSite(world, 'here'), addSite(world, 'there')];
      const seed = await world.addMachine({ name: 'seed', site: here });
      const machines = await world.addMachines(5, { name: 'machine', site: here });
      const far = await world.addMachine({ name: 'far', site: there });
      const single = await world.addMachine({ name: 'single' });
      seed.seed(payload);
      for (const machine of [...machines, far, single]) machine.get(payload);
      const allComplete = (): boolean => machines.every((machine) => machine.completed(payload));
      await world.runUntil('complete within the site', allComplete, 10_000);
      await world.runFor(10 * MINUTE_MS);
      expect([far, single].map((machine) => machine.torrent(payload)?.piecesVerified)).toEqual([0, 0]);
      expect([far, single].map(connectedTo)).toEqual([0, 0]);
      expect(here.up.bytesCarried).toBe(0);
    }),
  );

  it.each(seeds())(
    'find a newcomer, also one that knows a magnet only (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [MB] });
      const site = addSite(world, 'site');
      const seed = await world.addMachine({ name: 'seed', site });
      seed.seed(payload);
      await world.runFor(3 * MINUTE_MS);
      const late = await world.addMachine({ name: 'late', site });
      late.get(payload, [], { magnet: payload.magnet });
      await world.runUntil('complete', () => late.completed(payload), 5_000);
    }),
  );

  it.each(seeds())(
    'find each other a minute later when the first announces are lost (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [MB] });
      const site = addSite(world, 'site');
      const [seed, machine] = await world.addMachines(2, { name: 'machine', site });
      if (seed === undefined || machine === undefined) throw new Error('two machines were added');
      world.network.partition([seed.host], [machine.host]);
      seed.seed(payload);
      machine.get(payload);
      await world.runFor(5_000);
      world.network.partition();
      await world.runUntil('complete', () => machine.completed(payload), 1.1 * MINUTE_MS);
    }),
  );

  it.each(seeds())(
    'never find each other for a private torrent, nor when it is switched off (seed %i)',
    inWorld(async (world) => {
      const secret = world.makePayload({ pieceLength: 65_536, fileLengths: [MB], private: true });
      const open = world.makePayload({ name: 'open', pieceLength: 65_536, fileLengths: [MB] });
      const site = addSite(world, 'site');
      const seed = await world.addMachine({ name: 'seed', site });
      const machine = await world.addMachine({ name: 'machine', site });
      const silent = await world.addMachine({ name: 'silent', site, engine: { lsd: false } });
      seed.seed(secret);
      machine.get(secret);
      silent.seed(open);
      machine.get(open);
      await world.runFor(10 * MINUTE_MS);
      expect([seed, machine, silent].map(connectedTo)).toEqual([0, 0, 0]);
      expect(seed.engine.snapshot().lsd).toMatchObject({ sent: 0 });
      expect(silent.engine.snapshot().lsd).toBeUndefined();
    }),
  );

  it.each(seeds())(
    'take a private torrent for nobody that announces it all the same (seed %i)',
    inWorld(async (world) => {
      const secret = world.makePayload({ pieceLength: 65_536, fileLengths: [MB], private: true });
      const site = addSite(world, 'site');
      const seed = await world.addMachine({ name: 'seed', site });
      // By a magnet nobody can know that a torrent is private: this one announces it.
      const teller = await world.addMachine({ name: 'teller', site });
      seed.seed(secret);
      teller.get(secret, [], { magnet: secret.magnet });
      await world.runFor(10 * MINUTE_MS);
      expect(seed.engine.snapshot().lsd?.heard).toBeGreaterThan(0);
      expect(connectedTo(seed)).toBe(0);
    }),
  );

  it('leave the same log for the same seed', async () => {
    const digests: string[] = [];
    for (const seed of [5, 5]) {
      await inWorld(async (world) => {
        const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [MB] });
        const machines = await world.addMachines(6, { name: 'machine', site: addSite(world, 'site') });
        for (const machine of machines) machine.get(payload);
        machines[0]?.kill();
        await world.runFor(MINUTE_MS);
        expect(world.log.count('peer-connected')).toBeGreaterThan(0);
        digests.push(world.log.digest());
      })(seed);
    }
    expect(digests[1]).toBe(digests[0]);
  });
});

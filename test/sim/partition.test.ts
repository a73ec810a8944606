import { describe, expect, it } from 'vitest';

import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

describe('A partition', () => {
  for (const lastsMs of [5000, 400_000]) {
    it.each(seeds())(
      `of ${lastsMs / 1000} s heals, and the swarm completes (seed %i)`,
      inWorld(async (world) => {
        const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [4_000_000] });
        const line = { upBytesPerSecond: MB, downBytesPerSecond: MB };
        const origin = await world.addMachine({ name: 'origin', ...line });
        const machines = await world.addMachines(6, { name: 'machine', ...line });
        origin.seed(payload);
        for (const machine of machines) machine.get(payload, [origin, ...machines]);
        await world.runFor(2000);
        const cutOff = machines.slice(3).map(({ host }) => host);
        world.network.partition(cutOff);
        await world.runFor(lastsMs);
        const near = machines.slice(0, 3).filter((machine) => machine.completed(payload));
        expect(near.length).toBeGreaterThanOrEqual(lastsMs > 60_000 ? 3 : 0);
        expect(machines.slice(3).some((machine) => machine.completed(payload))).toBe(false);
        world.network.partition();
        const allComplete = (): boolean => machines.every((machine) => machine.completed(payload));
        await world.runUntil('all complete', allComplete, 400_000);
      }),
    );
  }

  it.each(seeds())(
    'leaves no half-open connections behind (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machines = await world.addMachines(4, { name: 'machine' });
      origin.seed(payload);
      for (const machine of machines) machine.get(payload, [origin]);
      await world.runFor(1000);
      for (const machine of machines) machine.powerOff();
      await world.runFor(300_000);
      expect(origin.host.streamCount).toBeLessThanOrEqual(machines.length);
      expect(origin.torrent(payload)?.peers).toEqual([]);
    }),
  );
});

describe('An address that never answers', () => {
  it.each(seeds())(
    'keeps a place for as long as the connect time-out, and no other peer waiting (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [1_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machine = await world.addMachine({ name: 'machine', engine: { halfOpenMax: 8 } });
      origin.seed(payload);
      const silent = Array.from({ length: 100 }, (_, index) => ({ ip: `10.9.0.${index + 1}`, port: 6881 }));
      let halfOpenMost = 0;
      machine.get(payload, [], { peers: [...silent, origin.address] });
      const tookMs = await world.runUntil(
        'complete',
        () => {
          halfOpenMost = Math.max(halfOpenMost, machine.host.streamCount);
          return machine.completed(payload);
        },
        400_000,
      );
      expect(halfOpenMost).toBeLessThanOrEqual(9);
      // 100 silent addresses, 8 at a time, 15 s each.
      expect(tookMs).toBeLessThan(240_000);
    }),
  );
});

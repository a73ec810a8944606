import { describe, expect, it } from 'vitest';

import { DIRECTORY } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

describe('Churn', () => {
  it.each(seeds())(
    'of machines that are killed, lose power and return ends with all complete (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [3_000_000, 1_000_000] });
      const line = { upBytesPerSecond: MB, downBytesPerSecond: MB };
      const origin = await world.addMachine({ name: 'origin', ...line });
      const machines = await world.addMachines(12, { name: 'machine', ...line });
      origin.seed(payload);
      const everybody = [origin, ...machines];
      for (const machine of machines) machine.get(payload, everybody);

      const lots = world.random.split('churn');
      for (let round = 0; round < 12; round += 1) {
        await world.runFor(lots.exponential(1000));
        const victim = lots.pick(machines);
        const byPower = lots.next() < 0.5;
        if (byPower) victim.powerOff();
        else victim.kill();
        await world.runFor(lots.exponential(1500));
        if (byPower) victim.powerOn();
        await world.until(victim.start());
        victim.get(payload, everybody);
      }

      const allComplete = (): boolean => machines.every((machine) => machine.completed(payload));
      await world.runUntil('all complete', allComplete, 300_000);
      for (const machine of machines) {
        const right = await world.until(machine.disk.publishedPieces(DIRECTORY, payload));
        expect(right).toBe(payload.pieceCount);
        // A piece that was written before a kill is not written again.
        expect(machine.disk.piecesWritten).toBe(payload.pieceCount);
      }
    }),
  );

  it.each(seeds())(
    'of connections that break every few seconds delays but does not stop (seed %i)',
    inWorld({ breakMeanMs: 3000 }, async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [4_000_000] });
      const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
      const machines = await world.addMachines(6, { name: 'machine', upBytesPerSecond: MB });
      origin.seed(payload);
      for (const machine of machines) machine.get(payload, [origin, ...machines]);

      const allComplete = (): boolean => machines.every((machine) => machine.completed(payload));
      await world.runUntil('all complete', allComplete, 300_000);
      expect(world.log.count('piece-corrupt')).toBe(0);
    }),
  );
});

import { describe, expect, it } from 'vitest';

import { nodeSimPlatform } from '@brine/swarm/node';
import { DIRECTORY, SimWorld } from '@brine/swarm/sim';

import { inWorld, seeds } from './scenario.ts';

const MB = 1_000_000;

describe('A swarm', () => {
  it.each(seeds(1, 2))(
    'from one to fifty machines takes little longer than the lines allow (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 65_536, fileLengths: [2 << 20] });
      const line = { upBytesPerSecond: 2 * MB, downBytesPerSecond: 2 * MB };
      const origin = await world.addMachine({ name: 'origin', ...line });
      const machines = await world.addMachines(50, { name: 'machine', ...line });
      origin.seed(payload);
      for (const machine of machines) machine.get(payload, [origin]);

      const allComplete = (): boolean => machines.every((machine) => machine.completed(payload));
      const tookMs = await world.runUntil('all complete', allComplete, 120_000);

      const idealMs = (payload.content.length / (2 * MB)) * 1000;
      expect(tookMs / idealMs).toBeLessThan(TIME_FACTOR_MAX);
      expect(origin.host.up.bytesCarried / payload.content.length).toBeLessThan(ORIGIN_COPIES_MAX);
      for (const machine of machines) {
        const right = await world.until(machine.disk.publishedPieces(DIRECTORY, payload));
        expect(right).toBe(payload.pieceCount);
      }
    }),
  );

  it('leaves the same log for the same seed, and another for another', async () => {
    const digests = [];
    for (const seed of [11, 11, 12]) digests.push(await play(seed));
    expect(digests[1]).toBe(digests[0]);
    expect(digests[2]).not.toBe(digests[0]);
  });
});

/**
 * Measured: 3.9 to 4.4, and 2.9 to 3.0 copies. (6.5 to 7.8, and as many copies, while the peers of a machine shared its line equally, so that
 * nobody had a whole piece to pass on for long.) A second of it passes until peers are exchanged, which is one ideal time.
 */
const TIME_FACTOR_MAX = 5.5;
const ORIGIN_COPIES_MAX = 3.5;

/** A swarm with everything that draws lots: losses, churn, a tracker. */
async function play(seed: number): Promise<string> {
  const world = new SimWorld({ platform: nodeSimPlatform, seed, network: { breakMeanMs: 10_000 } });
  const payload = world.makePayload({ pieceLength: 32_768, fileLengths: [300_000, 700_000, 1] });
  const origin = await world.addMachine({ name: 'origin', upBytesPerSecond: MB });
  const machines = await world.addMachines(8, { name: 'machine', upBytesPerSecond: MB });
  origin.seed(payload);
  for (const machine of machines) machine.get(payload, [origin]);
  await world.runFor(1000);
  machines[0]!.kill();
  await world.runUntil(
    'complete',
    () => machines.slice(1).every((machine) => machine.completed(payload)),
    60_000,
  );
  await world.close();
  expect(world.log.count('piece-verified')).toBeGreaterThan(0);
  return world.log.digest();
}

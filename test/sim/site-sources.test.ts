import { describe, expect, it } from 'vitest';

import { inWorld, seeds } from './scenario.ts';

describe('A site with a fast and a very slow source', () => {
  it.each(seeds(1, 2))(
    'does not wait at the end for what the slow one has begun, and asks for nothing twice (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 131_072, fileLengths: [8 << 20] });
      const fast = await world.addMachine({ name: 'fast', upBytesPerSecond: 1_000_000 });
      const slow = await world.addMachine({ name: 'slow', upBytesPerSecond: 2_000 });
      const machine = await world.addMachine({ name: 'machine', engine: { site: { label: 'hq' } } });
      fast.seed(payload);
      slow.seed(payload);
      machine.get(payload, [fast, slow]);
      // The slow one alone needs 65 s for a piece; the fast one 8.4 s for everything, then it waits until a rate means something.
      await world.runUntil('complete', () => machine.completed(payload), 25_000);
      expect(machine.torrent(payload)!.wastedBytes).toBeLessThan(payload.content.length / 50);
    }),
  );
});

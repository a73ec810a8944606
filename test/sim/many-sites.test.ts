import { describe, expect, it } from 'vitest';

import { inWorld, seeds } from './scenario.ts';
import { makeFleet, rollOut } from './site-world.ts';

const LINE = 2_500_000;

describe('A fleet at many sites, and an origin with a line like theirs', () => {
  /*
   * Served all at once, everybody would have his first piece late, and nothing to pass on meanwhile: 1.33 and 1.35 copies, and 2.2 and 2.0 times
   * the ideal time, for seeds 1 and 2. In turns it is 1.24 and 1.28, 1.89 and 1.75.
   */
  it.each(seeds(1))(
    'soon has pieces to trade, and takes few copies from the origin (seed %i)',
    inWorld(async (world) => {
      const payload = world.makePayload({ pieceLength: 131_072, fileLengths: [16 << 20] });
      const fleet = await makeFleet(world, { sites: 24, hosts: 2, line: LINE });
      const { into, outOfOrigin, timeFactor } = await rollOut(world, fleet, payload, LINE);
      for (const each of into) expect(each).toBeLessThan(1.1);
      expect(outOfOrigin).toBeLessThan(1.3);
      expect(timeFactor).toBeLessThan(1.95);
    }),
    60_000,
  );
});

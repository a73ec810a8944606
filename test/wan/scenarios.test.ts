import { expect, test } from 'vitest';

import { CATALOGUE, broken } from '../rig/wan/catalogue.ts';
import { brineWithSites } from '../rig/wan/fleet-client.ts';
import { describeWanByOrder } from './describe-wan.ts';

/** Small enough for every day, large enough that a copy is a copy. Time is judged by `npm run bench:wan`, which takes 64 MiB. */
const CONDITIONS = { payloadBytes: 24 * 1024 * 1024, pieceLength: 256 * 1024, rate: 20e6 };
/** Seeds what is left to chance; another for whoever wants another. */
const TURN = Number(process.env['BRINE_SEED'] ?? 0);

describeWanByOrder('every payload crosses the link of every site once', () => {
  for (const scenario of Object.values(CATALOGUE).flat()) {
    test(`${scenario.name}: at most ${scenario.bounds.into} copies into a site`, async () => {
      const outcome = await scenario.run(CONDITIONS, brineWithSites, TURN);
      // The outcome stands on both sides so that a failure shows all of it.
      expect({ ...outcome, broken: broken(outcome, scenario.bounds, false) }).toEqual({
        ...outcome,
        broken: [],
      });
    }, 240_000);
  }
});

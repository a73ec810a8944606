import { expect, test } from 'vitest';

import { CATALOGUE, broken } from '../rig/wan/catalogue.ts';
import type { Scenario } from '../rig/wan/catalogue.ts';
import { brineWithSites } from '../rig/wan/fleet-client.ts';
import { describeWan, describeWanByOrder } from './describe-wan.ts';

/** Small enough for every day, large enough that a copy is a copy. Time is judged by `npm run bench:wan`, which takes 64 MiB. */
const CONDITIONS = { payloadBytes: 24 * 1024 * 1024, pieceLength: 256 * 1024, rate: 20e6 };
/** Seeds what is left to chance; another for whoever wants another. */
const TURN = Number(process.env['BRINE_SEED'] ?? 0);
/** What is kept today. A scenario joins when its bounds hold; the bounds stay. */
const KEPT: ReadonlySet<string> = new Set([
  '1 site × 8 hosts',
  '3 sites × 4 hosts, the best fetcher of one site dies',
  'a site of 4 hosts after two others, near one of them',
]);
const SCENARIOS = Object.values(CATALOGUE).flat();

describeWan('every payload crosses the link of every site once', () => {
  testAll(SCENARIOS.filter(({ name }) => KEPT.has(name)));
});

describeWanByOrder('every payload crosses the link of every site once, where that does not hold yet', () => {
  testAll(SCENARIOS.filter(({ name }) => !KEPT.has(name)));
});

function testAll(scenarios: readonly Scenario[]): void {
  for (const scenario of scenarios) {
    test(`${scenario.name}: at most ${scenario.bounds.into} copies into a site`, async () => {
      const outcome = await scenario.run(CONDITIONS, brineWithSites, TURN);
      // The outcome stands on both sides so that a failure shows all of it.
      expect({ ...outcome, broken: broken(outcome, scenario.bounds, false) }).toEqual({
        ...outcome,
        broken: [],
      });
    }, 240_000);
  }
}

import { relative } from 'node:path';

import { expect } from 'vitest';

import { nodeSimPlatform } from '@brine/swarm/node';
import { SimWorld } from '@brine/swarm/sim';
import type { SimNetworkOptions } from '@brine/swarm/sim';

/** Seeds to play with, by default 1, 2 and 3; `BRINE_SEED=42` (or `BRINE_SEED=4,5,6`) in the environment replaces them. */
export function seeds(...usual: readonly number[]): readonly number[] {
  const asked = process.env['BRINE_SEED'];
  if (asked !== undefined && asked !== '') return asked.split(',').map(Number);
  return usual.length === 0 ? [1, 2, 3] : usual;
}

/** The body of a test that plays in a world of its own. A failure tells the seed and the command that repeats it. */
export function inWorld(
  ...[first, second]: readonly [play: Play] | readonly [network: SimNetworkOptions, play: Play]
): (seed: number) => Promise<void> {
  const play = typeof first === 'function' ? first : second!;
  const network = typeof first === 'function' ? {} : first;
  return async (seed) => {
    const world = new SimWorld({ platform: nodeSimPlatform, seed, network });
    try {
      await play(world);
      await world.close();
    } catch (error) {
      if (error instanceof Error) error.message += `\n${howToRepeat(seed, world)}`;
      throw error;
    }
  };
}

type Play = (world: SimWorld) => Promise<void>;

function howToRepeat(seed: number, world: SimWorld): string {
  const { testPath, currentTestName } = expect.getState();
  const file = relative(process.cwd(), testPath ?? 'test/sim');
  const name = (currentTestName ?? '')
    .split(' > ')
    .at(-1)
    ?.replace(/ \(seed \d+\)$/u, '');
  const where = `at ${world.clock.nowMs().toFixed(3)} virtual ms, event ${world.clock.eventsRun}, seed ${seed}`;
  return `${where}; to repeat:\nBRINE_SEED=${seed} npx vitest run ${file} -t '${name}'`;
}

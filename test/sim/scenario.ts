import { relative } from 'node:path';

import { expect, it } from 'vitest';

import type { SimNetworkOptions } from './sim-network.ts';
import { SimWorld } from './sim-world.ts';

export interface ScenarioOptions {
  /** Default 1, 2, 3. `BRINE_SEED=42` (or `BRINE_SEED=4,5,6`) in the environment replaces them. */
  readonly seeds?: readonly number[];
  readonly network?: SimNetworkOptions;
}

/** A test that plays in a world of its own, once for each seed. A failure tells the seed and the command that repeats it. */
export function scenario(
  sentence: string,
  options: ScenarioOptions,
  play: (world: SimWorld) => Promise<void>,
): void {
  for (const seed of chosenSeeds(options.seeds ?? [1, 2, 3])) {
    it(`${sentence} (seed ${seed})`, async () => {
      const world = new SimWorld({
        seed,
        ...(options.network === undefined ? {} : { network: options.network }),
      });
      try {
        await play(world);
        await world.close();
      } catch (error) {
        if (error instanceof Error) error.message += `\n${howToRepeat(seed, sentence, world)}`;
        throw error;
      }
    });
  }
}

function chosenSeeds(usual: readonly number[]): readonly number[] {
  const asked = process.env['BRINE_SEED'];
  return asked === undefined || asked === '' ? usual : asked.split(',').map(Number);
}

function howToRepeat(seed: number, sentence: string, world: SimWorld): string {
  const file = relative(process.cwd(), expect.getState().testPath ?? 'test/sim');
  const where = `at ${world.clock.nowMs().toFixed(3)} virtual ms, event ${world.clock.eventsRun}, seed ${seed}`;
  return `${where}; to repeat:\nBRINE_SEED=${seed} npx vitest run ${file} -t '${sentence}'`;
}

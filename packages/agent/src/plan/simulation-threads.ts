import { Worker } from 'node:worker_threads';

import type { WorkerSays } from './plan-worker.ts';
import type { SimulationOrder, SimulationOutcome } from './simulation.ts';

/** A larger nursery than Node's: simulated swarms allocate for milliseconds, not for good. Measured: a third less CPU. */
const YOUNG_GENERATION_MB = 96;

/**
 * Simulates all runs, several at once, each in a thread of its own; outcomes in the order of the orders. Results depend on the orders
 * alone, never on which thread did what. `progress` gets the part of everything that is done. Rejects with what a run failed of.
 */
export async function simulateAll(
  orders: readonly SimulationOrder[],
  threads: number,
  progress: (fraction: number) => void,
): Promise<readonly SimulationOutcome[]> {
  const outcomes: SimulationOutcome[] = [];
  const fractions = orders.map(() => 0);
  let next = 0;
  const work = async (): Promise<void> => {
    await using thread = new SimulationThread();
    for (let index = next++; index < orders.length; index = next++) {
      const at = index;
      outcomes[at] = await thread.simulate(orders[at]!, (fraction) => {
        fractions[at] = fraction;
        progress(fractions.reduce((sum, each) => sum + each, 0) / orders.length);
      });
      fractions[at] = 1;
    }
  };
  await Promise.all(Array.from({ length: Math.min(threads, orders.length) }, work));
  return outcomes;
}

class SimulationThread implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./plan-worker.js', import.meta.url), {
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });

  simulate(order: SimulationOrder, progress: (fraction: number) => void): Promise<SimulationOutcome> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const listen = (message: WorkerSays): void => {
        if (message.type === 'progress') {
          progress(message.fraction);
          return;
        }
        worker.off('message', listen);
        worker.off('error', reject);
        if (message.type === 'done') resolve(message.outcome);
        else reject(message.error);
      };
      worker.on('message', listen);
      worker.once('error', reject);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
      worker.postMessage(order);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

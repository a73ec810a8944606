/** A thread that simulates one run after the other, as it is told. */
import { parentPort } from 'node:worker_threads';

import { simulate } from './simulation.ts';
import type { SimulationOrder, SimulationOutcome } from './simulation.ts';

/** What a thread says. */
export type WorkerSays =
  | { readonly type: 'progress'; readonly fraction: number }
  | { readonly type: 'done'; readonly outcome: SimulationOutcome }
  | { readonly type: 'failed'; readonly error: Error };

const port = parentPort!;
const say = (message: WorkerSays): void => port.postMessage(message);

port.on('message', (order: SimulationOrder) => {
  simulate(order, (fraction) => say({ type: 'progress', fraction })).then(
    (outcome) => say({ type: 'done', outcome }),
    (error: unknown) =>
      say({ type: 'failed', error: error instanceof Error ? error : new Error(String(error)) }),
  );
});

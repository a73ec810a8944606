import { createHash } from 'node:crypto';

import type { SimPlatform } from '../sim/sim-platform.ts';

/** Node as the simulator's platform. `process.nextTick` from within a microtask runs when the microtask queue is empty: about 0.2 µs. */
export const nodeSimPlatform: SimPlatform = {
  digest: (algorithm, bytes) => new Uint8Array(createHash(algorithm).update(bytes).digest()),
  drained: () =>
    new Promise((resolve) => {
      process.nextTick(resolve);
    }),
  turn: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};

import { performance } from 'node:perf_hooks';

import type { Clock } from '../ports/clock.ts';

/** The longest delay that a Node timer keeps; a longer one would fire at once. */
const delayMaxMs = 2 ** 31 - 1;

/**
 * Monotonic time of this process. Timers keep the process alive until they are cancelled: what has work planned is not done.
 * Delays above about 24.8 days fire after 24.8 days, negative ones as soon as possible.
 */
export class NodeClock implements Clock {
  nowMs(): number {
    return performance.now();
  }

  epochMs(): number {
    return Date.now();
  }

  schedule(delayMs: number, task: () => void): () => void {
    const timer = setTimeout(task, Math.min(Math.max(delayMs, 0), delayMaxMs));
    return () => clearTimeout(timer);
  }
}

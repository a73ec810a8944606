import type { HashAlgorithm } from '@brine/piece-store';

/** What the simulator takes from the program that it runs in: nothing in it may depend on the outcome of a race. `@brine/swarm/node` has Node's. */
export interface SimPlatform {
  /** 20 bytes for sha1, 32 for sha256. */
  digest(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array;
  /** Resolves when no microtask is left to run, without a turn of the program's own event loop where that can be had. */
  drained(): Promise<void>;
  /** Resolves after a turn of the program's own event loop: its timers, signals and messages get their chance. */
  turn(): Promise<void>;
}

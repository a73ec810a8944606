import { createHash } from 'node:crypto';

import type { HashAlgorithm, Hasher } from '@brine/piece-store';

import type { SimClock } from './sim-clock.ts';

/** Real digests that take virtual time: 1 GB/s, as one core of a server does. */
export class SimHasher implements Hasher {
  readonly #clock: SimClock;

  constructor(clock: SimClock) {
    this.#clock = clock;
  }

  digest(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
    return new Uint8Array(createHash(algorithm).update(bytes).digest());
  }

  async digestAll(algorithm: HashAlgorithm, inputs: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const length = inputs.reduce((sum, input) => sum + input.length, 0);
    await this.#clock.sleep(length / BYTES_PER_MS);
    return inputs.map((input) => this.digest(algorithm, input));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const BYTES_PER_MS = 1e6;

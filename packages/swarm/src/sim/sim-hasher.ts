import type { HashAlgorithm, Hasher } from '@brine/piece-store';

import type { SimClock } from './sim-clock.ts';
import type { SimPlatform } from './sim-platform.ts';

/** Real digests that take virtual time: 1 GB/s, as one core of a server does. */
export class SimHasher implements Hasher {
  readonly #clock: SimClock;
  readonly #platform: Pick<SimPlatform, 'digest'>;

  constructor(clock: SimClock, platform: Pick<SimPlatform, 'digest'>) {
    this.#clock = clock;
    this.#platform = platform;
  }

  digest(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
    return this.#platform.digest(algorithm, bytes);
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

import { randomBytes } from 'node:crypto';

import type { Random } from '../ports/random.ts';

/** Cryptographic randomness of the platform. */
export class NodeRandom implements Random {
  /** 48 random bits: the widest integer that a buffer reads at once, and far more than any choice of the engine needs. */
  next(): number {
    return randomBytes(6).readUIntBE(0, 6) / 2 ** 48;
  }

  bytes(count: number): Uint8Array {
    return new Uint8Array(randomBytes(count));
  }
}

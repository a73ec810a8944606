import { randomBytes } from 'node:crypto';

import type { Random } from '../ports/random.ts';

/** Chance of the platform: cryptographic bytes for ids that strangers must not guess, quick numbers for mere choices. */
export class NodeRandom implements Random {
  next(): number {
    return Math.random();
  }

  bytes(count: number): Uint8Array {
    return new Uint8Array(randomBytes(count));
  }
}

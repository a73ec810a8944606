import { createHash } from 'node:crypto';
import type { HashAlgorithm, Hasher } from '../hasher.ts';
import { DiskPool } from './disk-pool.ts';

/** Up to this many bytes in all, a trip to another thread costs more than the hashing (about 30 µs, 40 KB of SHA-1). */
const INLINE_BYTES = 64 * 1024;

/** The digests of `node:crypto`: small inputs on the calling thread, large ones on worker threads, which start when first needed. */
export class NodeHasher implements Hasher {
  readonly #pool: DiskPool;

  /** `workersMax`: threads for `digestAll`; default 1 below the number of cores, from 1 to 4. */
  constructor(options: { readonly workersMax?: number } = {}) {
    this.#pool = new DiskPool(options);
  }

  digest(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array {
    return createHash(algorithm).update(bytes).digest();
  }

  /** Inputs that are not shared memory are copied to the worker; the caller's bytes are never taken away. */
  async digestAll(algorithm: HashAlgorithm, inputs: readonly Uint8Array[]): Promise<readonly Uint8Array[]> {
    const total = inputs.reduce((sum, bytes) => sum + bytes.length, 0);
    if (total <= INLINE_BYTES) return inputs.map((bytes) => this.digest(algorithm, bytes));
    return Promise.all(
      inputs.map((bytes) => this.#pool.run({ type: 'digest', algorithm, bytes }, bytes.length)),
    );
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}

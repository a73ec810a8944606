/** The digests that BitTorrent uses: SHA-1 (v1, BEP 3) and SHA-256 (v2, BEP 52). */
export type HashAlgorithm = 'sha1' | 'sha256';

/** Hashing as a port. `digest` is for small inputs on the calling thread; pieces go through `digestAll`, which may use other threads. */
export interface Hasher {
  /** 20 bytes for sha1, 32 for sha256. */
  digest(algorithm: HashAlgorithm, bytes: Uint8Array): Uint8Array;
  /** The digests in the order of the inputs; inputs stay untouched until then. */
  digestAll(algorithm: HashAlgorithm, inputs: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  close(): Promise<void>;
}

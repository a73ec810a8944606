/**
 * A hash function over bytes that are already in memory. `wire` needs SHA-1 for info-hashes (BEP 3) and for allowed-fast
 * sets (BEP 6) but owns no implementation: whoever calls brings one.
 */
export type Digest = (bytes: Uint8Array) => Uint8Array;

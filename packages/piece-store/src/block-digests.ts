import type { Hasher } from './hasher.ts';
import { BLOCK_LENGTH } from './piece-store.ts';

/** SHA-1 of each block of a piece, for blame: two attempts at the same piece differ exactly in the blocks whose digests differ. */
export function blockDigests(hasher: Pick<Hasher, 'digest'>, bytes: Uint8Array): Uint8Array[] {
  const digests: Uint8Array[] = [];
  for (let begin = 0; begin < bytes.length; begin += BLOCK_LENGTH) {
    digests.push(hasher.digest('sha1', bytes.subarray(begin, begin + BLOCK_LENGTH)));
  }
  return digests;
}

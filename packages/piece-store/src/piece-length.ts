const KIB = 1024;
const PIECE_LENGTH_MIN = 16 * KIB;
const PIECE_LENGTH_MAX = 16 * KIB * KIB;
/** From here on a piece is at least 256 KiB: below, hashes and `have` messages cost more than they save. */
const BIG_CONTENT = 256 * KIB * KIB;

/**
 * A piece length for new torrents: the smallest power of two that cuts `totalLength` bytes into at most 2,000 pieces (so about
 * 1,000 to 2,000), from 16 KiB to 16 MiB, and at least 256 KiB for content of 256 MiB and more.
 * Fewer, larger pieces spread slowly in a swarm; more, smaller ones cost metadata, hashes and messages.
 */
export function choosePieceLength(totalLength: number): number {
  let length = totalLength >= BIG_CONTENT ? 256 * KIB : PIECE_LENGTH_MIN;
  while (length < PIECE_LENGTH_MAX && totalLength / length > 2000) length *= 2;
  return length;
}

/** True for lengths that clients accept in practice: powers of two from 16 KiB to 16 MiB. */
export function isPieceLength(length: number): boolean {
  return length >= PIECE_LENGTH_MIN && length <= PIECE_LENGTH_MAX && Number.isInteger(Math.log2(length));
}

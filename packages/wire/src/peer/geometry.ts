import { WireError } from '../wire-error.ts';

/** The piece space of a torrent, BEP 3: what the bounds of every index in the peer protocol follow from. */
export interface Geometry {
  readonly pieceCount: number;
  /** Bytes per piece; the last one may be shorter. */
  readonly pieceLength: number;
  /** Bytes of the whole payload. */
  readonly totalLength: number;
}

/** Bytes of one piece: `pieceLength`, or what is left for the last one. `piece` must exist. */
export function pieceSize(geometry: Geometry, piece: number): number {
  return Math.min(geometry.pieceLength, geometry.totalLength - piece * geometry.pieceLength);
}

/** True when `begin` and `length` name at least one byte, and only bytes inside an existing piece. */
export function isInsidePiece(geometry: Geometry, piece: number, begin: number, length: number): boolean {
  return length > 0 && piece < geometry.pieceCount && begin + length <= pieceSize(geometry, piece);
}

/** Bytes of a bitfield with one bit per piece. */
export function bitfieldLength(pieceCount: number): number {
  return Math.ceil(pieceCount / 8);
}

/**
 * Checks a bitfield that arrived while the geometry was still unknown (BEP 3 "bitfield": exact length, spare bits zero).
 *
 * @throws WireError `message-malformed`
 */
export function checkBitfield(bits: Uint8Array, geometry: Geometry): void {
  const expected = bitfieldLength(geometry.pieceCount);
  if (bits.length !== expected)
    throw new WireError('message-malformed', `bitfield of ${bits.length} bytes instead of ${expected}`);
  const used = geometry.pieceCount % 8;
  if (used !== 0 && ((bits[expected - 1] ?? 0) & (0xff >> used)) !== 0)
    throw new WireError(
      'message-malformed',
      `bitfield with spare bits set after ${geometry.pieceCount} pieces`,
    );
}

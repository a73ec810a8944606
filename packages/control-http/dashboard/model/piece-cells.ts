/** A payload's pieces as squares, of which each stands for one piece or for several that follow each other. */
export interface PieceCells {
  /** Of each square's pieces, how many are verified: 0 to 1. */
  readonly verified: readonly number[];
  readonly piecesPerCell: number;
}

/** From one bit for each piece, BEP 3 order, base64. At most `cellsMax` squares. */
export function pieceCells(map: string, pieceCount: number, cellsMax: number): PieceCells {
  const bits = Uint8Array.from(atob(map), (character) => character.codePointAt(0)!);
  const piecesPerCell = Math.max(1, Math.ceil(pieceCount / cellsMax));
  const verified = Array.from({ length: Math.ceil(pieceCount / piecesPerCell) }, (_, cell) => {
    const first = cell * piecesPerCell;
    const last = Math.min(pieceCount, first + piecesPerCell);
    let count = 0;
    for (let piece = first; piece < last; piece += 1) if (hasPiece(bits, piece)) count += 1;
    return count / (last - first);
  });
  return { verified, piecesPerCell };
}

function hasPiece(bits: Uint8Array, piece: number): boolean {
  return ((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}

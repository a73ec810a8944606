import { METADATA_PIECE_LENGTH } from '@brine/wire';

/** How one metadata request is answered, BEP 9. */
export type MetadataAnswer =
  | { readonly type: 'data'; readonly piece: number; readonly totalSize: number; readonly bytes: Uint8Array }
  | { readonly type: 'reject'; readonly piece: number };

/** Times that one peer may fetch the whole dictionary in one go: once for itself, once more after a failed check or two. */
const copiesMax = 3;
/** After that, pieces per second; a patient peer still gets there. */
const refillPerSecond = 1;

/**
 * Answers metadata requests, BEP 9, out of the exact bytes of the info dictionary; rejects while there are none, pieces that do
 * not exist, and whoever asks for more than a few copies (BEP 9 names this flood protection). Pure.
 */
export class MetadataServing {
  readonly #infoBytes: Uint8Array | undefined;
  readonly #pieceCount: number;
  readonly #allowances = new Map<string, Allowance>();

  /** `infoBytes` is kept and served from: never changed afterwards. Absent while the metadata is unknown. */
  constructor(infoBytes: Uint8Array | undefined) {
    this.#infoBytes = infoBytes;
    this.#pieceCount = Math.ceil((infoBytes?.length ?? 0) / METADATA_PIECE_LENGTH);
  }

  /** `bytes` of an answer are a view into the info dictionary. `peerKey` names a connection and stays until `peerGone`. */
  answer(peerKey: string, piece: number, nowMs: number): MetadataAnswer {
    const infoBytes = this.#infoBytes;
    if (infoBytes === undefined || piece >= this.#pieceCount || !this.#spend(peerKey, nowMs)) {
      return { type: 'reject', piece };
    }
    const begin = piece * METADATA_PIECE_LENGTH;
    const bytes = infoBytes.subarray(begin, begin + METADATA_PIECE_LENGTH);
    return { type: 'data', piece, totalSize: infoBytes.length, bytes };
  }

  peerGone(peerKey: string): void {
    this.#allowances.delete(peerKey);
  }

  #spend(peerKey: string, nowMs: number): boolean {
    const fullPieces = copiesMax * this.#pieceCount;
    const known = this.#allowances.get(peerKey) ?? { pieces: fullPieces, atMs: nowMs };
    const refilled = known.pieces + ((nowMs - known.atMs) / 1000) * refillPerSecond;
    const pieces = Math.min(fullPieces, refilled);
    const granted = pieces >= 1;
    this.#allowances.set(peerKey, { pieces: granted ? pieces - 1 : pieces, atMs: nowMs });
    return granted;
  }
}

interface Allowance {
  readonly pieces: number;
  readonly atMs: number;
}

import type { PieceSet } from './piece-set.ts';

/** Which pieces the LAN has to give, other machines' than ours: the union of what its peers have. */
export class SiteHoldings {
  readonly #pieceCount: number;
  readonly #bits: Uint8Array;
  #complete = false;

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
    this.#bits = new Uint8Array(Math.ceil(pieceCount / 8));
  }

  has(piece: number): boolean {
    return this.#complete || (this.#bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0;
  }

  /** One peer got a piece. True when the site had none. */
  add(piece: number): boolean {
    if (this.has(piece)) return false;
    this.#bits[piece >> 3]! |= 0x80 >> (piece & 7);
    return true;
  }

  /** Counts anew, from the peers that give what they have: somebody left, or does not deliver. */
  recount(givers: Iterable<PieceSet>): void {
    this.#bits.fill(0);
    this.#complete = false;
    for (const { bits, count } of givers) {
      if (bits !== undefined) for (let at = 0; at < bits.length; at += 1) this.#bits[at]! |= bits[at]!;
      else if (count > 0 && count === this.#pieceCount) this.#complete = true;
    }
  }
}

import { rendezvousScore } from './rendezvous.ts';

/**
 * The same order of pieces on every machine, as if by chance. Who is to fetch a share of the pieces goes through it from the front, who
 * helps out with somebody else's share from the back: the two meet only when nothing is left, however late they hear of each other.
 */
export class ClaimOrder {
  readonly #order: Uint32Array;
  #from = 0;
  #to: number;

  /** `salt` differs between torrents. */
  constructor(pieceCount: number, salt: number) {
    const scores = Float64Array.from({ length: pieceCount }, (_, piece) => rendezvousScore(salt, piece));
    this.#order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]! || a - b);
    this.#to = pieceCount;
  }

  /** The first piece from the front for which `fits` holds, or -1. Pieces that are `done` are not looked at again. */
  first(fits: (piece: number) => boolean, done: (piece: number) => boolean): number {
    while (this.#from < this.#to && done(this.#order[this.#from]!)) this.#from += 1;
    for (let at = this.#from; at < this.#to; at += 1) if (fits(this.#order[at]!)) return this.#order[at]!;
    return -1;
  }

  /** The first piece from the back. */
  last(fits: (piece: number) => boolean, done: (piece: number) => boolean): number {
    while (this.#to > this.#from && done(this.#order[this.#to - 1]!)) this.#to -= 1;
    for (let at = this.#to - 1; at >= this.#from; at -= 1)
      if (fits(this.#order[at]!)) return this.#order[at]!;
    return -1;
  }

  /** Pieces that were done are not: look at all again. */
  reset(): void {
    this.#from = 0;
    this.#to = this.#order.length;
  }
}

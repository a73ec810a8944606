/** How often each piece has left this machine: a byte for each piece, which counts no further than 255. */
export class Departures {
  readonly #counts: Uint8Array;

  constructor(pieceCount: number) {
    this.#counts = new Uint8Array(pieceCount);
  }

  of(piece: number): number {
    return this.#counts[piece]!;
  }

  /** The piece leaves once more. */
  count(piece: number): void {
    if (this.#counts[piece]! < 255) this.#counts[piece]! += 1;
  }
}

/** Hints kept; older ones go first. */
const HINTS_MAX = 8_192;
/** A hint that is not renewed for this long means nothing any more. */
const HINT_MS = 12_000;

/**
 * Pieces that other sites say they are fetching from where everything comes from. They will have them soon, and pass them on; to
 * fetch the same piece from the same origin would only make it leave twice. Hints, not claims: believing none costs bytes, believing
 * a liar costs `HINT_MS`.
 */
export class FetchingElsewhere {
  readonly #untilMs = new Map<number, number>();

  hear(pieces: readonly number[], nowMs: number): void {
    for (const piece of pieces) {
      this.#untilMs.delete(piece);
      this.#untilMs.set(piece, nowMs + HINT_MS);
    }
    for (const oldest of this.#untilMs.keys()) {
      if (this.#untilMs.size <= HINTS_MAX) break;
      this.#untilMs.delete(oldest);
    }
  }

  forget(pieces: readonly number[]): void {
    for (const piece of pieces) this.#untilMs.delete(piece);
  }

  has(piece: number, nowMs: number): boolean {
    const untilMs = this.#untilMs.get(piece);
    return untilMs !== undefined && nowMs < untilMs;
  }
}

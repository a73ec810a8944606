import type { Witness } from './peers/hand-made-peer.ts';

/** What a kill may cost: the promise. */
const LOSS_MS = 5_000;

/**
 * When an agent was first seen to say that it had verified a piece, for each piece of one payload. What the agent says is its promise;
 * whether it keeps it, seeders witness: whoever loses a piece must ask for it again.
 */
export class VerifiedPieces {
  #since = new Map<number, number>();

  /** The agent's bits, as answered at `atMs`. */
  saw(bits: Uint8Array, pieceCount: number, atMs: number): void {
    for (let piece = 0; piece < pieceCount; piece += 1) {
      const has = (bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0;
      if (has && !this.#since.has(piece)) this.#since.set(piece, atMs);
    }
  }

  /** The payload is to be removed: from now on its pieces may be fetched anew. */
  forget(): void {
    this.#since = new Map();
  }

  /** Killed: what was verified a moment ago may be lost. */
  killed(atMs: number): void {
    for (const [piece, since] of this.#since) if (atMs - since <= LOSS_MS) this.#since.delete(piece);
  }

  get count(): number {
    return this.#since.size;
  }

  /** Pieces that the agent had, and asked a seeder for in its life from `startMs` to `endMs`. */
  askedAgain(witnessed: readonly Witness[], startMs: number, endMs: number): readonly string[] {
    return witnessed.flatMap((each) => {
      if (each.event !== 'requested' || each.at < startMs || each.at > endMs) return [];
      const since = this.#since.get(each.piece);
      return since === undefined || since >= startMs
        ? []
        : [`piece ${each.piece}, verified ${startMs - since} ms before this start`];
    });
  }
}

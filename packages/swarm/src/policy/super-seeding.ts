/**
 * Super-seeding (BEP 16): a seed that shows itself as a peer with nothing, and tells everybody of one piece at a time, each of another.
 * The next comes when the last has been seen at somebody else: so a peer has to pass on what it gets, and every piece leaves the seed
 * about once.
 *
 * A peer that got its piece, but that nobody takes it from, must not wait for ever; the specification leaves that open.
 */
/** A peer that has had its piece for so long gets another, though it was seen nowhere else. */
const PATIENCE_MS = 15_000;

export interface SuperSeedingParts {
  readonly pieceCount: number;
  /** How many peers are known to have a piece. */
  readonly rarity: (piece: number) => number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

interface Shown {
  /** Everything shown so far; bounded by the number of pieces. */
  readonly pieces: Set<number>;
  /** The last one; -1 when there was nothing to show. */
  current: number;
  /** When the peer was found to have the last one. */
  hadMs: number | undefined;
}

export class SuperSeeding<Id> {
  readonly #parts: SuperSeedingParts;
  /** Bounded by the connections. */
  readonly #peers = new Map<Id, Shown>();

  constructor(parts: SuperSeedingParts) {
    this.#parts = parts;
  }

  /** A new peer; answers the piece to show it, or -1. */
  join(id: Id, has: (piece: number) => boolean): number {
    this.#peers.set(id, { pieces: new Set(), current: -1, hadMs: undefined });
    return this.#showNext(id, has);
  }

  leave(id: Id): void {
    this.#peers.delete(id);
  }

  /** False for one that is shown single pieces, and not this one. */
  mayRequest(id: Id, piece: number): boolean {
    return this.#peers.get(id)?.pieces.has(piece) ?? true;
  }

  /** The peer has what it was shown: it says so, or wants nothing of us any more. */
  hasCurrent(id: Id, nowMs: number): void {
    const shown = this.#peers.get(id);
    if (shown !== undefined) shown.hadMs ??= nowMs;
  }

  /** A peer announced a piece; answers who is to be shown another for that. */
  announced(by: Id, piece: number, nowMs: number): Id[] {
    const done: Id[] = [];
    for (const [id, shown] of this.#peers) {
      if (shown.current !== piece) continue;
      if (id === by) this.hasCurrent(id, nowMs);
      else done.push(id);
    }
    return done;
  }

  /** Who has waited long enough, has nobody to pass its piece on to, or had nothing to be shown. */
  overdue(nowMs: number): Id[] {
    const alone = this.#peers.size === 1;
    return [...this.#peers]
      .filter(([, { current, hadMs }]) => {
        if (current === -1) return true;
        return hadMs !== undefined && (alone || nowMs - hadMs >= PATIENCE_MS);
      })
      .map(([id]) => id);
  }

  /** Answers the piece to show this peer next, or -1: what fewest have, rather one that nobody else is shown. */
  showNext(id: Id, has: (piece: number) => boolean): number {
    return this.#peers.has(id) ? this.#showNext(id, has) : -1;
  }

  #showNext(id: Id, has: (piece: number) => boolean): number {
    const shown = this.#peers.get(id)!;
    const { pieceCount, rarity, random } = this.#parts;
    const busy = new Set([...this.#peers.values()].map(({ current }) => current));
    const first = Math.floor(random() * pieceCount);
    let best = -1;
    let bestRank = Infinity;
    for (let step = 0; step < pieceCount && bestRank > 0; step += 1) {
      const piece = (first + step) % pieceCount;
      if (has(piece) || shown.pieces.has(piece)) continue;
      const rank = rarity(piece) + (busy.has(piece) ? BUSY : 0);
      if (rank >= bestRank) continue;
      best = piece;
      bestRank = rank;
    }
    if (best !== -1) shown.pieces.add(best);
    shown.current = best;
    shown.hadMs = undefined;
    return best;
  }
}

/** More than there are peers. */
const BUSY = 100_000;

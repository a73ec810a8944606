/**
 * Whose turn it is to be sent a piece. Of those who wait it is next the one who asks for what has left this machine least often: then
 * everybody soon has something that the others lack, and they serve each other. A turn lasts for one piece.
 *
 * Every wait has an end: who has waited for long comes first whatever he asks for, and who takes nothing in his turn does not count.
 */
import { TurnCount } from './turn-count.ts';

/** Who has waited this long comes before all that have not. Far below the minute after which clients give requests up. */
const WAIT_MAX_MS = 10_000;
/** A turn in which nothing moves for this long keeps nobody else waiting. */
const STUCK_MS = 1_000;

interface Turn {
  /** When something last moved in it. */
  movedMs: number;
  bytes: number;
}

export class UploadTurns<Id> {
  readonly #count = new TurnCount();
  /** Who has a turn. Both maps are bounded by the connections. */
  readonly #inTurn = new Map<Id, Turn>();
  /** Who waits, and since when. */
  readonly #waiting = new Map<Id, number>();

  get someoneWaits(): boolean {
    return this.#waiting.size > 0;
  }

  /** True when it is in its turn; else it waits from now on. */
  ask(id: Id, nowMs: number): boolean {
    if (this.#inTurn.has(id)) return true;
    if (this.#waiting.size === 0 && this.#isFree(nowMs)) {
      this.#inTurn.set(id, { movedMs: nowMs, bytes: 0 });
      return true;
    }
    if (!this.#waiting.has(id)) this.#waiting.set(id, nowMs);
    return false;
  }

  /** It took so many bytes. */
  moved(id: Id, bytes: number, nowMs: number): void {
    const turn = this.#inTurn.get(id);
    if (turn === undefined) return;
    turn.movedMs = nowMs;
    turn.bytes += bytes;
    this.#count.passed(bytes);
  }

  /** Something was sent in its turn. */
  hasBegun(id: Id): boolean {
    return (this.#inTurn.get(id)?.bytes ?? 0) > 0;
  }

  /** It has its piece, or wants nothing more. */
  end(id: Id): void {
    this.#inTurn.delete(id);
    this.#waiting.delete(id);
  }

  /** Begins the next turn, if there is one to begin. `rankOf`: how often what somebody waits for has left; undefined for nothing. */
  next(rankOf: (id: Id) => number | undefined, nowMs: number): Id | undefined {
    this.#count.update(nowMs, this.#waiting.size > 0);
    if (this.#waiting.size === 0 || !this.#isFree(nowMs)) return undefined;
    let best: Id | undefined;
    let bestRank = Infinity;
    for (const [id, sinceMs] of this.#waiting) {
      const rank = nowMs - sinceMs > WAIT_MAX_MS ? -1 : rankOf(id);
      if (rank === undefined) this.#waiting.delete(id);
      else if (rank < bestRank) {
        best = id;
        bestRank = rank;
      }
    }
    if (best === undefined) return undefined;
    this.#waiting.delete(best);
    this.#inTurn.set(best, { movedMs: nowMs, bytes: 0 });
    return best;
  }

  #isFree(nowMs: number): boolean {
    if (this.#inTurn.size < this.#count.count) return true;
    let moving = 0;
    for (const { movedMs } of this.#inTurn.values()) if (nowMs - movedMs < STUCK_MS) moving += 1;
    return moving < this.#count.count;
  }
}

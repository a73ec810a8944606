/**
 * When to tell others which pieces we have got. A message of its own for every piece and peer is most of what a large swarm sends by number, so
 * pieces that follow each other closely share one. The first after a pause is told nearly at once: somebody may wait for it.
 */
export class AnnouncingPace {
  /** Between pieces, on average over the last few. */
  #intervalMs = PERIOD_MAX_MS;
  #storedMs = -Infinity;
  #toldMs = -Infinity;

  /** We have got a piece. */
  stored(nowMs: number): void {
    const intervalMs = Math.min(PERIOD_MAX_MS, nowMs - this.#storedMs);
    this.#intervalMs += (intervalMs - this.#intervalMs) / SMOOTHING;
    this.#storedMs = nowMs;
  }

  told(nowMs: number): void {
    this.#toldMs = nowMs;
  }

  /** How long to wait before telling, in milliseconds. */
  delayMs(nowMs: number): number {
    const periodMs = Math.min(PERIOD_MAX_MS, PIECES_TOGETHER * this.#intervalMs);
    return Math.max(DELAY_MIN_MS, this.#toldMs + periodMs - nowMs);
  }
}

/** Pieces that share a message, when they come quickly enough. */
const PIECES_TOGETHER = 4;
const PERIOD_MAX_MS = 250;
/** On a fast link many pieces share one write even so. */
const DELAY_MIN_MS = 20;
const SMOOTHING = 8;

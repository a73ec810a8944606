/**
 * How fast a transfer in the background may be, so that people do not notice it: LEDBAT's idea (RFC 6817), applied to a rate instead of
 * a window. While packets wait in queues for longer than a target, somebody else wants the line, and the rate is cut; else it is
 * doubled. It is cut by multiplication, as in LEDBAT++: by subtraction it would keep what it has got.
 */
export interface BackgroundRateOptions {
  /** Milliseconds in queues above which the line counts as busy. */
  readonly targetDelayMs: number;
}

/** Bytes per second that are always allowed: a rollout must end some day, and without traffic nothing is noticed. */
export const FLOOR: number = 32 * 1024;
/** One measurement above the target cuts to this part; far above it, to the square of that. */
const CUT = 0.5;
const FAR = 2;
const GROWTH = 2;
/** It grows no further than to a few times what passes. */
const AHEAD = 1.5;

export class BackgroundRate {
  readonly #targetDelayMs: number;
  #rate = FLOOR;

  constructor({ targetDelayMs }: BackgroundRateOptions) {
    this.#targetDelayMs = targetDelayMs;
  }

  /** Bytes per second. */
  get bytesPerSecond(): number {
    return this.#rate;
  }

  /** The queue was measured; `passed`: bytes per second that were used since the last time. */
  measured(queueMs: number, passed: number): void {
    if (queueMs > this.#targetDelayMs) {
      const cut = queueMs > this.#targetDelayMs * FAR ? CUT * CUT : CUT;
      this.#rate = Math.max(FLOOR, Math.min(this.#rate, passed) * cut);
    } else if (passed * AHEAD >= this.#rate) {
      this.#rate = Math.max(FLOOR, this.#rate * GROWTH);
    }
  }

  /** Nothing was heard for so long that what was measured means nothing any more. */
  blind(): void {
    this.#rate = Math.max(FLOOR, this.#rate * CUT);
  }
}

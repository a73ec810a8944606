/**
 * How long packets wait in queues on the way to a peer and back: the round trip now, less the shortest of the last minutes, when
 * queues were empty (RFC 6817, section 3.4.2, where it is one-way delays). The minimum is kept by the minute, so that a route that has
 * become longer is noticed.
 */
const SPANS_MAX = 10;

export class QueueDelay {
  readonly #spanMs: number;
  /** The shortest of each of the last spans, the present one last. */
  readonly #shortest: number[] = [];
  #sinceMs = -Infinity;

  /** Milliseconds of each of the ten spans that are remembered. */
  constructor(spanMs = 60_000) {
    this.#spanMs = spanMs;
  }

  /** The shortest round trip that is remembered; 0 before the first. */
  get shortestMs(): number {
    return this.#shortest.length === 0 ? 0 : Math.min(...this.#shortest);
  }

  /** Milliseconds in queues, by this round trip. */
  measure(roundTripMs: number, nowMs: number): number {
    if (nowMs - this.#sinceMs >= this.#spanMs) {
      this.#sinceMs = nowMs;
      this.#shortest.push(roundTripMs);
      if (this.#shortest.length > SPANS_MAX) this.#shortest.shift();
    }
    const last = this.#shortest.length - 1;
    this.#shortest[last] = Math.min(this.#shortest[last]!, roundTripMs);
    return roundTripMs - this.shortestMs;
  }
}

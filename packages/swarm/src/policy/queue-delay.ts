/**
 * How long packets wait in queues on the way to a peer and back: the round trip now, less the shortest of the last minutes, when
 * queues were empty (RFC 6817, section 3.4.2, where it is one-way delays). The minimum is kept by the minute, so that a route that has
 * become longer is noticed.
 */
const SPAN_MS = 60_000;
const SPANS_MAX = 10;

export class QueueDelay {
  /** The shortest of each of the last minutes, the present one last. */
  readonly #shortest: number[] = [];
  #spanMs = -Infinity;

  /** Milliseconds in queues, by this round trip. */
  measure(roundTripMs: number, nowMs: number): number {
    if (nowMs - this.#spanMs >= SPAN_MS) {
      this.#spanMs = nowMs;
      this.#shortest.push(roundTripMs);
      if (this.#shortest.length > SPANS_MAX) this.#shortest.shift();
    }
    const last = this.#shortest.length - 1;
    this.#shortest[last] = Math.min(this.#shortest[last]!, roundTripMs);
    return roundTripMs - Math.min(...this.#shortest);
  }
}

/** How fast the average forgets: what was a time constant ago weighs e⁻¹. */
const TIME_CONSTANT_MS = 3_000;
/** Bytes are gathered this long before they enter the average. */
const SLICE_MS = 250;

/**
 * A moving average of a rate over about 3 s: exponential, in slices of 250 ms, and right from the first slice on. Four numbers,
 * because there are two of them for each connection.
 */
export class RateMeter {
  #average = 0;
  /** How much of the average stands on slices; the rest is the emptiness before the first one and does not count. */
  #weight = 0;
  #sliceBytes = 0;
  #sliceStartMs = -Infinity;

  add(bytes: number, nowMs: number): void {
    if (nowMs - this.#sliceStartMs >= SLICE_MS) this.#closeSlice(nowMs);
    this.#sliceBytes += bytes;
  }

  bytesPerSecond(nowMs: number): number {
    if (nowMs - this.#sliceStartMs >= SLICE_MS) this.#closeSlice(nowMs);
    return this.#weight === 0 ? 0 : this.#average / this.#weight;
  }

  #closeSlice(nowMs: number): void {
    const elapsedMs = nowMs - this.#sliceStartMs;
    this.#sliceStartMs = nowMs;
    const rate = (this.#sliceBytes * 1000) / elapsedMs;
    this.#sliceBytes = 0;
    // Nothing to average yet, or nothing any more: the first slice begins with the first bytes.
    if (this.#weight === 0 && rate === 0) return;
    const kept = Math.exp(-elapsedMs / TIME_CONSTANT_MS);
    this.#average = this.#average * kept + rate * (1 - kept);
    this.#weight = this.#weight * kept + 1 - kept;
    if (this.#average >= 1) return;
    this.#average = 0;
    this.#weight = 0;
  }
}

/** How fast the average forgets: what was a time constant ago weighs e⁻¹. */
const TIME_CONSTANT_MS = 3_000;
/** Bytes are gathered this long before they enter the average. */
const SLICE_MS = 250;

/**
 * A moving average of a rate over about 3 s: exponential, in slices of 250 ms. Three numbers, because there are two of them for
 * each connection.
 */
export class RateMeter {
  #average = 0;
  #sliceBytes = 0;
  #sliceStartMs = -Infinity;

  add(bytes: number, nowMs: number): void {
    if (nowMs - this.#sliceStartMs >= SLICE_MS) this.#closeSlice(nowMs);
    this.#sliceBytes += bytes;
  }

  bytesPerSecond(nowMs: number): number {
    if (nowMs - this.#sliceStartMs >= SLICE_MS) this.#closeSlice(nowMs);
    return this.#average;
  }

  #closeSlice(nowMs: number): void {
    const elapsedMs = nowMs - this.#sliceStartMs;
    if (elapsedMs === Infinity) {
      this.#sliceStartMs = nowMs;
      return;
    }
    const rate = (this.#sliceBytes * 1000) / elapsedMs;
    const weight = Math.exp(-elapsedMs / TIME_CONSTANT_MS);
    this.#average = this.#average * weight + rate * (1 - weight);
    if (this.#average < 1) this.#average = 0;
    this.#sliceBytes = 0;
    this.#sliceStartMs = nowMs;
  }
}

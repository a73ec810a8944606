/** How fast the average forgets: what was a time constant ago weighs e⁻¹. */
const TIME_CONSTANT_MS = 3_000;
/** Bytes are gathered this long before they enter the average. */
const SLICE_MS = 250;

/**
 * A moving average of a rate over about 3 s: exponential, in slices of 250 ms, and right from the first slice on. There are three
 * of them for each connection, so one that has nothing to average takes hardly any memory.
 */
export class RateMeter {
  #slices: Slices | undefined;

  add(bytes: number, nowMs: number): void {
    this.#slices ??= new Slices(nowMs);
    this.#slices.turn(nowMs);
    this.#slices.bytes += bytes;
  }

  bytesPerSecond(nowMs: number): number {
    if (this.#slices === undefined) return 0;
    this.#slices.turn(nowMs);
    if (this.#slices.empty) this.#slices = undefined;
    return this.#slices?.average ?? 0;
  }
}

/** The slice that is being filled, and the average of those before it. */
class Slices {
  /** In the slice. */
  bytes = 0;
  #startMs: number;
  #sum = 0;
  /** How much of the sum stands on slices; the rest is the emptiness before the first one and does not count. */
  #weight = 0;

  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  get average(): number {
    return this.#weight === 0 ? 0 : this.#sum / this.#weight;
  }

  get empty(): boolean {
    return this.#weight === 0 && this.bytes === 0;
  }

  /** Ends the slice when it is old enough. */
  turn(nowMs: number): void {
    const elapsedMs = nowMs - this.#startMs;
    if (elapsedMs < SLICE_MS) return;
    this.#startMs = nowMs;
    const rate = (this.bytes * 1000) / elapsedMs;
    this.bytes = 0;
    // Nothing to average yet, or nothing any more: the first slice begins with the first bytes.
    if (this.#weight === 0 && rate === 0) return;
    const kept = Math.exp(-elapsedMs / TIME_CONSTANT_MS);
    this.#sum = this.#sum * kept + rate * (1 - kept);
    this.#weight = this.#weight * kept + 1 - kept;
    if (this.#sum >= 1) return;
    this.#sum = 0;
    this.#weight = 0;
  }
}

/*
 * A token bucket for one direction, in a tree: whoever takes bytes takes them from its own bucket and from every bucket above.
 * Tokens accrue with time; a bucket holds a quarter of a second's worth, so that a limit is never exceeded for longer than that,
 * and a timer that comes late by less than that costs nothing. Byte-granular: limits below one block's size work.
 */

/** How much unused allowance is kept. */
const DEPTH_SECONDS = 0.25;

export class RateLimiter {
  readonly parent: RateLimiter | undefined;
  #bytesPerSecond: number;
  #tokens = 0;
  #updatedMs: number | undefined;

  /** `bytesPerSecond`: Infinity = unlimited, 0 = stop. */
  constructor(parent: RateLimiter | undefined, bytesPerSecond: number) {
    this.parent = parent;
    this.#bytesPerSecond = bytesPerSecond;
  }

  get bytesPerSecond(): number {
    return this.#bytesPerSecond;
  }

  /** Neither this bucket nor any above it limits anything. */
  get unlimited(): boolean {
    return this.#bytesPerSecond === Infinity && (this.parent?.unlimited ?? true);
  }

  /** In force at once; what was saved under the old rate is kept only as far as the new one allows. */
  setRate(bytesPerSecond: number, nowMs: number): void {
    this.#refill(nowMs);
    this.#bytesPerSecond = bytesPerSecond;
    this.#tokens = Math.min(this.#tokens, this.#depth);
  }

  /** Takes up to `wanted` whole bytes, as many as every bucket up to the root can give. */
  take(nowMs: number, wanted: number): number {
    const granted = this.available(nowMs, wanted);
    for (let bucket: RateLimiter | undefined = this; bucket !== undefined; bucket = bucket.parent) {
      if (bucket.#bytesPerSecond !== Infinity) bucket.#tokens -= granted;
    }
    return granted;
  }

  /** Returns bytes that were taken and not used. */
  giveBack(bytes: number): void {
    for (let bucket: RateLimiter | undefined = this; bucket !== undefined; bucket = bucket.parent) {
      if (bucket.#bytesPerSecond !== Infinity) bucket.#tokens = Math.min(bucket.#depth, bucket.#tokens + bytes);
    }
  }

  /** What `take` would grant. */
  available(nowMs: number, wanted: number): number {
    let available = wanted;
    for (let bucket: RateLimiter | undefined = this; bucket !== undefined; bucket = bucket.parent) {
      if (bucket.#bytesPerSecond === Infinity) continue;
      bucket.#refill(nowMs);
      available = Math.min(available, Math.floor(bucket.#tokens));
    }
    return Math.max(0, available);
  }

  #refill(nowMs: number): void {
    const elapsedMs = this.#updatedMs === undefined ? 0 : nowMs - this.#updatedMs;
    this.#updatedMs = nowMs;
    if (this.#bytesPerSecond === Infinity) return;
    this.#tokens = Math.min(this.#depth, this.#tokens + (elapsedMs * this.#bytesPerSecond) / 1000);
  }

  get #depth(): number {
    return this.#bytesPerSecond === Infinity ? 0 : Math.max(1, this.#bytesPerSecond * DEPTH_SECONDS);
  }
}

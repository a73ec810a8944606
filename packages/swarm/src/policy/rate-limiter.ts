/**
 * A token bucket in a tree: engine above torrent, later site and peer between and below. A byte passes when every level from here
 * to the root has a token for it, and takes one from each. Buckets are shallow, so that what was saved while idle passes in a
 * quarter of a second: a link shared with people must not be flooded.
 */

/** A bucket holds this much of its rate. Measured over 10 s a limit is exceeded by no more than 2.5 %. */
const DEPTH_MS = 250;

export class RateLimiter {
  readonly parent: RateLimiter | undefined;
  /** Set by the queue while somebody waits for this level's tokens: `take` then grants nothing, so that nobody jumps the line. */
  reserved = false;
  #bytesPerSecond: number;
  /** May hold fractions of a byte; a bucket begins empty. */
  #tokens = 0;
  #filledMs: number | undefined;

  /** Bytes per second: Infinity means unlimited, 0 means stop. */
  constructor(parent?: RateLimiter, bytesPerSecond: number = Infinity) {
    this.parent = parent;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** No level limits anything. */
  get unlimited(): boolean {
    return this.#bytesPerSecond === Infinity && (this.parent === undefined || this.parent.unlimited);
  }

  /** What the chain lets pass in the long run, if nobody else shares it. */
  get bytesPerSecond(): number {
    return Math.min(this.#bytesPerSecond, this.parent?.bytesPerSecond ?? Infinity);
  }

  /** From now on; what was saved at the old rate counts as far as the new bucket holds it. */
  setRate(bytesPerSecond: number, nowMs: number): void {
    this.#fill(nowMs);
    // An unlimited bucket has no level that would mean anything to a limited one.
    if (this.#bytesPerSecond === Infinity) this.#tokens = 0;
    this.#bytesPerSecond = bytesPerSecond;
    this.#tokens = Math.min(this.#tokens, this.#depth);
  }

  /** Whole bytes that may pass now, at most `wanted`, taken from every level alike. None while others wait in a queue: join it. */
  take(nowMs: number, wanted: number): number {
    const granted = this.#grantable(nowMs, Math.max(0, wanted));
    this.#spendUpwards(granted);
    return granted;
  }

  /** Milliseconds until `wanted` bytes (or as many as the buckets hold) could be had at once: 0 = now, Infinity = stopped. */
  waitMs(nowMs: number, wanted = 1): number {
    const above = this.parent?.waitMs(nowMs, wanted) ?? 0;
    if (this.#bytesPerSecond === Infinity) return above;
    this.#fill(nowMs);
    const missing = Math.min(wanted, this.#depth) - this.#tokens;
    if (missing <= 0) return this.#bytesPerSecond === 0 ? Infinity : above;
    return Math.max(above, (missing * 1000) / this.#bytesPerSecond);
  }

  /** Whole bytes that this level alone, whatever is above it, has now. */
  available(nowMs: number): number {
    if (this.#bytesPerSecond === Infinity) return Infinity;
    this.#fill(nowMs);
    return Math.floor(this.#tokens);
  }

  /** Takes bytes that were available from this level alone. */
  spend(bytes: number): void {
    if (this.#bytesPerSecond !== Infinity) this.#tokens -= bytes;
  }

  #grantable(nowMs: number, wanted: number): number {
    const here = this.reserved && this.#bytesPerSecond !== Infinity ? 0 : this.available(nowMs);
    const granted = Math.min(wanted, here);
    return this.parent === undefined ? granted : this.parent.#grantable(nowMs, granted);
  }

  #spendUpwards(bytes: number): void {
    this.spend(bytes);
    if (this.parent !== undefined) this.parent.#spendUpwards(bytes);
  }

  get #depth(): number {
    if (this.#bytesPerSecond === 0) return 0;
    return Math.max(1, (this.#bytesPerSecond * DEPTH_MS) / 1000);
  }

  #fill(nowMs: number): void {
    const elapsedMs = nowMs - (this.#filledMs ?? nowMs);
    this.#filledMs = nowMs;
    if (this.#bytesPerSecond === Infinity) return;
    this.#tokens = Math.min(this.#depth, this.#tokens + (this.#bytesPerSecond * elapsedMs) / 1000);
  }
}

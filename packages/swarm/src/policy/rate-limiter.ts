/**
 * A token bucket in a tree, see `LimiterTree`. A byte passes when every level from here to the root has a token for it, and takes one
 * from each. A level may be bound by a second bucket beside the tree (`also`), which it shares with others: the limit of a torrent
 * whose peers hang on several classes. Buckets are shallow, so that what was saved while idle passes in a quarter of a second: a link
 * shared with people must not be flooded.
 */

/** A bucket holds this much of its rate. Measured over 10 s a limit is exceeded by no more than 2.5 %. */
const DEPTH_MS = 250;
/** A bucket that holds its users back is emptied again and again, to less than this part of its depth; others stay nearly full. */
const DRY_PART = 0.25;

export class RateLimiter {
  readonly parent: RateLimiter | undefined;
  readonly also: RateLimiter | undefined;
  /** Branches of the queue that wait for this level's tokens: `take` then grants nothing, so that nobody jumps the line. */
  waiting = 0;
  #bytesPerSecond: number;
  /** May hold fractions of a byte; a bucket begins empty. */
  #tokens = 0;
  #filledMs: number | undefined;
  #passedBytes = 0;
  #ranDry = false;
  /** Connections below. */
  #users = 0;

  /** Bytes per second: Infinity means unlimited, 0 means stop. */
  constructor(parent?: RateLimiter, bytesPerSecond: number = Infinity, also?: RateLimiter) {
    this.parent = parent;
    this.also = also;
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** No level limits anything. */
  get unlimited(): boolean {
    if (this.#bytesPerSecond !== Infinity) return false;
    return this.also?.unlimited !== false && this.parent?.unlimited !== false;
  }

  /** What the chain lets pass in the long run, if nobody else shares it. */
  get bytesPerSecond(): number {
    return Math.min(
      this.#bytesPerSecond,
      this.also?.bytesPerSecond ?? Infinity,
      this.parent?.bytesPerSecond ?? Infinity,
    );
  }

  /** What is left for one connection when all that are below each level want as much as they can get. */
  get fairBytesPerSecond(): number {
    return Math.min(
      this.#bytesPerSecond / Math.max(1, this.#users),
      this.also?.fairBytesPerSecond ?? Infinity,
      this.parent?.fairBytesPerSecond ?? Infinity,
    );
  }

  /** A connection begins (`1`) or ends (`-1`) to use this level and those above it. */
  countUser(change: 1 | -1): void {
    this.#users += change;
    this.also?.countUser(change);
    this.parent?.countUser(change);
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
    const others = Math.max(this.also?.waitMs(nowMs, wanted) ?? 0, this.parent?.waitMs(nowMs, wanted) ?? 0);
    if (this.#bytesPerSecond === Infinity) return others;
    this.#fill(nowMs);
    const missing = Math.min(wanted, this.#depth) - this.#tokens;
    if (missing <= 0) return this.#bytesPerSecond === 0 ? Infinity : others;
    return Math.max(others, (missing * 1000) / this.#bytesPerSecond);
  }

  /** Whole bytes that this level and the bucket beside it, whatever is above, have now. */
  available(nowMs: number): number {
    const beside = this.also?.available(nowMs) ?? Infinity;
    if (this.#bytesPerSecond === Infinity) return beside;
    this.#fill(nowMs);
    return Math.min(beside, Math.floor(this.#tokens));
  }

  /** Takes bytes that were available from this level and the bucket beside it; negative ones come back. */
  spend(bytes: number): void {
    this.also?.spend(bytes);
    if (this.#bytesPerSecond === Infinity) return;
    this.#tokens -= bytes;
    this.#passedBytes += bytes;
  }

  /** To be called when somebody got what there was: for `takeUse`, of this level and the bucket beside it. */
  noticeDry(): void {
    this.also?.noticeDry();
    if (this.#bytesPerSecond !== Infinity && this.#tokens < this.#depth * DRY_PART) this.#ranDry = true;
  }

  /** Bytes that have passed here while there was a limit, and whether it has held anybody back since the last call. */
  takeUse(): { readonly passedBytes: number; readonly ranDry: boolean } {
    const ranDry = this.#ranDry;
    this.#ranDry = false;
    return { passedBytes: this.#passedBytes, ranDry };
  }

  #grantable(nowMs: number, wanted: number): number {
    const beside = this.also === undefined ? wanted : this.also.#grantable(nowMs, wanted);
    const granted = Math.min(beside, this.#ownGrant(nowMs));
    return this.parent === undefined ? granted : this.parent.#grantable(nowMs, granted);
  }

  #ownGrant(nowMs: number): number {
    if (this.#bytesPerSecond === Infinity) return Infinity;
    if (this.waiting > 0) return 0;
    this.#fill(nowMs);
    return Math.floor(this.#tokens);
  }

  #spendUpwards(bytes: number): void {
    this.spend(bytes);
    this.noticeDry();
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

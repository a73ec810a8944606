/**
 * How many peers to serve at once. Fifty that share a line all have their pieces late, and nothing to pass on meanwhile; one
 * that is slow leaves the line idle. So the number is doubled as long as that brings more (as TCP's slow start finds its window), and
 * from time to time both more and fewer are tried.
 */
export const TURNS_MIN = 4;
const TURNS_MAX = 1_024;
/** What is measured right after a change is not the line's rate: the system's buffers of those who are new fill first. */
const SETTLE_MS = 500;
const MEASURE_MS = 500;
/** More has to bring this much more; fewer may bring this much less. */
const GAIN = 1.1;
const LOSS = 0.95;
const RETRY_MS = 10_000;

export class TurnCount {
  #count = TURNS_MIN;
  /** The trial under way, and what the number before it brought, in bytes per second. */
  #trial: { readonly from: number; readonly rate: number } | undefined = { from: TURNS_MIN, rate: 0 };
  #changedMs = -Infinity;
  #measuringSinceMs: number | undefined;
  #bytes = 0;
  #nextIsMore = false;

  get count(): number {
    return this.#count;
  }

  /** So many bytes were taken by the streams of those in turn. */
  passed(bytes: number): void {
    this.#bytes += bytes;
  }

  /** To be called often. `wanted`: somebody waits for a turn; while nobody does, a measurement says nothing. */
  update(nowMs: number, wanted: boolean): void {
    if (!wanted) {
      this.#measuringSinceMs = undefined;
      return;
    }
    if (this.#changedMs === -Infinity) this.#changedMs = nowMs;
    if (nowMs - this.#changedMs < SETTLE_MS) return;
    if (this.#measuringSinceMs === undefined) {
      this.#measuringSinceMs = nowMs;
      this.#bytes = 0;
      return;
    }
    const elapsedMs = nowMs - this.#measuringSinceMs;
    if (elapsedMs >= MEASURE_MS) this.#judge((this.#bytes * 1000) / elapsedMs, nowMs);
  }

  #judge(rate: number, nowMs: number): void {
    const trial = this.#trial;
    if (trial === undefined) {
      if (nowMs - this.#changedMs >= RETRY_MS) this.#tryNext(rate, nowMs);
      else this.#restart(nowMs);
      return;
    }
    const more = trial.from <= this.#count;
    if (rate < trial.rate * (more ? GAIN : LOSS)) this.#settleAt(trial.from, nowMs);
    else if (more) this.#tryCount(this.#count * 2, rate, nowMs);
    else this.#settleAt(this.#count, nowMs);
  }

  #tryNext(rate: number, nowMs: number): void {
    const more = this.#nextIsMore || this.#count === TURNS_MIN;
    this.#nextIsMore = !more;
    this.#tryCount(more ? this.#count * 2 : this.#count / 2, rate, nowMs);
  }

  #tryCount(count: number, rate: number, nowMs: number): void {
    this.#trial = { from: this.#count, rate };
    this.#change(Math.min(TURNS_MAX, Math.max(TURNS_MIN, count)), nowMs);
  }

  #settleAt(count: number, nowMs: number): void {
    this.#trial = undefined;
    this.#change(count, nowMs);
  }

  #change(count: number, nowMs: number): void {
    this.#count = count;
    this.#changedMs = nowMs;
    this.#measuringSinceMs = undefined;
  }

  #restart(nowMs: number): void {
    this.#measuringSinceMs = nowMs;
    this.#bytes = 0;
  }
}

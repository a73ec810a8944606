import { percentOf } from './percent.ts';
import type { Progress, Reporter } from './report.ts';

/** Tells how far hashing is, as often as the reporter wants to know, with the time that is left at the mean rate so far. */
export class HashingMeter {
  readonly #phase: 'hashing' | 'checking';
  readonly #bytesTotal: number;
  readonly #reporter: Reporter;
  readonly #startedMs: number = performance.now();
  #toldMs: number = this.#startedMs;

  constructor(phase: 'hashing' | 'checking', bytesTotal: number, reporter: Reporter) {
    this.#phase = phase;
    this.#bytesTotal = bytesTotal;
    this.#reporter = reporter;
  }

  /** `bytesHashed` may overshoot by the shorter last piece. */
  show(bytesHashed: number): void {
    const nowMs = performance.now();
    if (nowMs - this.#toldMs < this.#reporter.intervalMs) return;
    this.#toldMs = nowMs;
    this.#reporter.tell(this.#progress(Math.min(bytesHashed, this.#bytesTotal), nowMs));
  }

  #progress(bytesDone: number, nowMs: number): Progress {
    const percent = percentOf(bytesDone, this.#bytesTotal);
    const seconds = (nowMs - this.#startedMs) / 1000;
    return {
      event: 'progress',
      phase: this.#phase,
      bytesDone,
      bytesTotal: this.#bytesTotal,
      percent,
      ...(this.#phase === 'checking' ? { checkedPercent: percent } : {}),
      ...(bytesDone > 0
        ? { etaSeconds: Math.ceil(((this.#bytesTotal - bytesDone) / bytesDone) * seconds) }
        : {}),
    };
  }
}

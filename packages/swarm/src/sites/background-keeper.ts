import { BackgroundRate } from '../policy/background-rate.ts';
import type { LimiterTree } from '../policy/limiter-tree.ts';
import type { Clock } from '../ports/clock.ts';

/** No answer for so long: nobody knows whether the line is busy. */
const BLIND_MS = 4_000;
/** How often queues are measured. */
const MEASURE_MS = 500;
/** While all is quiet and the rate has been found, that costs more than it brings. */
const MEASURE_QUIET_MS = 1_400;

/** Keeps traffic with other sites in the background: asks for measurements, and sets the limits that follow from them. */
export class BackgroundKeeper {
  readonly #rate: BackgroundRate;
  readonly #limiters: LimiterTree;
  readonly #clock: Clock;
  #measuredMs: number;
  #passedBytes = 0;
  #settled = false;

  constructor(options: { readonly targetDelayMs: number }, limiters: LimiterTree, clock: Clock) {
    this.#rate = new BackgroundRate(options);
    this.#limiters = limiters;
    this.#clock = clock;
    this.#measuredMs = clock.nowMs();
    this.#apply();
  }

  /** Whether it is time to measure. To be asked about once a second. */
  isDue(): boolean {
    const elapsedMs = this.#clock.nowMs() - this.#measuredMs;
    if (elapsedMs >= BLIND_MS) {
      this.#rate.blind();
      this.#look();
      return true;
    }
    return elapsedMs >= (this.#settled ? MEASURE_QUIET_MS : MEASURE_MS);
  }

  /** Packets wait for so long in queues. */
  measured(queueMs: number): void {
    const before = this.#rate.bytesPerSecond;
    const passed = this.#look();
    this.#rate.measured(queueMs, passed);
    this.#settled = this.#rate.bytesPerSecond === before;
    this.#apply();
  }

  /** Bytes per second since the last look, in the busier direction. */
  #look(): number {
    const nowMs = this.#clock.nowMs();
    const elapsedMs = Math.max(1, nowMs - this.#measuredMs);
    const passedBytes = this.#limiters.backgroundUse('down') + this.#limiters.backgroundUse('up');
    const passed = ((passedBytes - this.#passedBytes) * 1000) / elapsedMs;
    this.#measuredMs = nowMs;
    this.#passedBytes = passedBytes;
    this.#apply();
    return passed;
  }

  #apply(): void {
    const { bytesPerSecond } = this.#rate;
    this.#limiters.setBackground({ downBytesPerSecond: bytesPerSecond, upBytesPerSecond: bytesPerSecond });
  }
}

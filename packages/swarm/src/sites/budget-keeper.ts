import type { Direction, LimiterTree } from '../policy/limiter-tree.ts';
import { Schedule } from '../policy/schedule.ts';
import type { Rate } from '../policy/rate-limits.ts';
import type { Clock } from '../ports/clock.ts';
import {
  ACK_BYTES_PER_STREAM_BYTE,
  streamBytes,
  WIRE_BYTES_PER_STREAM_BYTE,
  wanShare,
} from './wan-budget.ts';
import type { WanBudget, WanDraw } from './wan-budget.ts';

/** What a member draws in both directions. */
export type WanDraws = Readonly<Record<Direction, WanDraw>>;

/** Hungry is who ran out of its share within this time: one quiet look is no sign that it wants less. */
const HUNGRY_MS = 2_500;
/**
 * For so long after there was no budget, or a stop, everybody counts as hungry: what members report of the time before says nothing, and
 * equal parts never exceed the budget. By then each has reported that it is hungry, or is not any more.
 */
const EQUAL_MS = 2_500;

/** Acknowledgements of a fast download over a slow uplink do not take all of our share of that: who never sends gets nothing, either. */
const UP_PART_MIN = 0.1;

/** Sees to it that we draw no more than our share of the site's budget, and knows what to report to the others. */
export class BudgetKeeper {
  readonly #limiters: LimiterTree;
  readonly #clock: Clock;
  readonly #gauges: Readonly<Record<Direction, Gauge>>;
  #draws: WanDraws = { down: NOTHING, up: NOTHING };

  constructor(budget: WanBudget, limiters: LimiterTree, clock: Clock) {
    this.#limiters = limiters;
    this.#clock = clock;
    this.#gauges = {
      down: new Gauge(budget.downBytesPerSecond),
      up: new Gauge(budget.upBytesPerSecond),
    };
  }

  /** What we draw, as of the last `update`: to be told to the other members regularly, and at once when `hungry` changes. */
  get draws(): WanDraws {
    return this.#draws;
  }

  /**
   * To be called about once a second, when a member comes, goes or reports, and when we begin to ask the WAN for something
   * (`starting`). `others` are the members' last reports, undefined for one that has not reported.
   */
  update(others: readonly (WanDraws | undefined)[], starting = false): void {
    const down = this.#look('down', others, starting, 0);
    const acknowledged = this.#draws.down.bytesPerSecond / WIRE_BYTES_PER_STREAM_BYTE;
    const up = this.#look('up', others, starting, acknowledged * ACK_BYTES_PER_STREAM_BYTE);
    this.#limiters.setWanShare({
      ...(down === Infinity ? {} : { downBytesPerSecond: down }),
      ...(up === Infinity ? {} : { upBytesPerSecond: up }),
    });
  }

  /** Our share in bytes of TCP streams per second. */
  #look(
    direction: Direction,
    others: readonly (WanDraws | undefined)[],
    starting: boolean,
    acknowledgements: number,
  ): number {
    const nowMs = this.#clock.nowMs();
    const gauge = this.#gauges[direction];
    const budget = gauge.budgetAt(this.#clock.epochMs(), nowMs);
    const own = gauge.drawAt(nowMs, this.#limiters.wanUse(direction), starting);
    this.#draws = { ...this.#draws, [direction]: own };
    const reports = others.map((other) => (gauge.isNew(nowMs) ? undefined : other?.[direction]));
    const share = wanShare(budget, own, reports);
    return share === Infinity
      ? Infinity
      : streamBytes(Math.max(share * UP_PART_MIN, share - acknowledgements));
  }
}

/** One direction: the budget in force, and what we drew of it. */
class Gauge {
  readonly #rate: number | Schedule;
  #budget = Infinity;
  #inForceMs = -Infinity;
  #hungryMs = -Infinity;
  /** Of the last looks; the highest counts, so that a pause is not taken for a change of mind. */
  readonly #drawn: { readonly atMs: number; readonly bytesPerSecond: number }[] = [];
  #lookedMs: number | undefined;
  #passedBytes = 0;

  constructor(rate: Rate = Infinity) {
    this.#rate = typeof rate === 'number' ? rate : new Schedule(rate);
  }

  budgetAt(epochMs: number, nowMs: number): number {
    const budget = typeof this.#rate === 'number' ? this.#rate : this.#rate.rateAt(epochMs);
    // From one rate to another, the reports stay true.
    const wasMeasured = this.#budget !== Infinity && this.#budget !== 0;
    if (budget !== this.#budget && !wasMeasured) {
      this.#inForceMs = nowMs;
      this.#hungryMs = nowMs;
    }
    this.#budget = budget;
    return budget;
  }

  isNew(nowMs: number): boolean {
    return nowMs - this.#inForceMs < EQUAL_MS;
  }

  drawAt(
    nowMs: number,
    use: { readonly passedBytes: number; readonly ranDry: boolean },
    starting: boolean,
  ): WanDraw {
    if (starting || use.ranDry) this.#hungryMs = nowMs;
    this.#measure(nowMs, use.passedBytes);
    const bytesPerSecond = Math.max(0, ...this.#drawn.map((each) => each.bytesPerSecond));
    return { bytesPerSecond, hungry: nowMs - this.#hungryMs < HUNGRY_MS };
  }

  #measure(nowMs: number, passedBytes: number): void {
    const elapsedMs = nowMs - (this.#lookedMs ?? -Infinity);
    if (elapsedMs < MEASURE_MIN_MS) return;
    const bytes = (passedBytes - this.#passedBytes) * WIRE_BYTES_PER_STREAM_BYTE;
    if (this.#lookedMs !== undefined)
      this.#drawn.push({ atMs: nowMs, bytesPerSecond: (bytes * 1000) / elapsedMs });
    while (this.#drawn[0] !== undefined && nowMs - this.#drawn[0].atMs >= REMEMBER_MS) this.#drawn.shift();
    this.#lookedMs = nowMs;
    this.#passedBytes = passedBytes;
  }
}

const NOTHING: WanDraw = { bytesPerSecond: 0, hungry: false };
/** Shorter measurements are noise. */
const MEASURE_MIN_MS = 500;
const REMEMBER_MS = 3_000;

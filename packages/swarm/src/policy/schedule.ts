/**
 * Rates by the clock on the wall. At every instant the rate is that of the first window that covers what a clock shows in the
 * schedule's time zone, so a window 02:00-04:00 lasts one hour in the night when clocks go forward (its first hour does not exist),
 * and three when they go back (its first hour comes twice): people read the rate in force off their watch. A window from 02:15 to
 * 02:45 does not come in the first of these nights, and twice in the other.
 */
import { WallClock } from './wall-clock.ts';

export type Weekday = 'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun';

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

/** A part of some days, and the rate in it. */
export interface RateWindow {
  /** Days on which it begins. Default: every day. */
  readonly days?: readonly Weekday[];
  /** Time of day `HH:MM`. Default `00:00`. */
  readonly from?: string;
  /** Time of day `HH:MM`, or `24:00`, which is the default; earlier than `from`, it is on the next day. */
  readonly to?: string;
  /** Bytes per second, 0 = stop; absent means unlimited. */
  readonly bytesPerSecond?: number;
}

/** A rate that follows the time of day and the day of the week; the first window that covers an instant counts. */
export interface RateSchedule {
  readonly windows: readonly RateWindow[];
  /** Bytes per second outside the windows, 0 = stop; absent means unlimited. */
  readonly otherwise?: number;
  /** IANA name like `Europe/Berlin`. Default: the machine's. */
  readonly timeZone?: string;
}

const WINDOWS_MAX = 100;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** What does not change for so long never does: a weekly window may fall out once, when clocks go forward. */
const HORIZON_MS = 15 * DAY_MS;

/** A `RateSchedule`, checked and ready to be asked. */
export class Schedule {
  readonly #clock: WallClock;
  readonly #windows: readonly Window[];
  readonly #otherwise: number;
  /** Milliseconds since Monday, 00:00, at which a window begins or ends; ascending. */
  readonly #edges: readonly number[];

  /** Throws `RangeError` that says what is wrong and how it is written. */
  constructor({ windows, otherwise, timeZone }: RateSchedule) {
    if (windows.length > WINDOWS_MAX)
      throw new RangeError(`a schedule has at most ${WINDOWS_MAX} windows, not ${windows.length}`);
    this.#clock = new WallClock(timeZone);
    this.#windows = windows.map((window) => new Window(window));
    this.#otherwise = checkedRate(otherwise);
    const edges = this.#windows.flatMap((window) => window.edges);
    this.#edges = [...new Set(edges)].sort((a, b) => a - b);
  }

  /** Bytes per second at an instant (milliseconds since 1970 UTC): Infinity = unlimited, 0 = stop. */
  rateAt(epochMs: number): number {
    return this.#rateOfWeek(this.#clock.weekMs(epochMs));
  }

  /** The first instant after this one at which the rate is another; Infinity if it stays for ever. */
  nextChangeMs(epochMs: number): number {
    const rate = this.rateAt(epochMs);
    for (let atMs = epochMs; atMs < epochMs + HORIZON_MS;) {
      const edgeMs = this.#nextEdge(atMs);
      // The zone may change its offset on the way; then what the wall shows jumps there, perhaps over edges or back behind them.
      atMs = this.#clock.shiftBetween(atMs, edgeMs) ?? edgeMs;
      if (this.rateAt(atMs) !== rate) return atMs;
    }
    return Infinity;
  }

  /** The instant of the next edge (or the next midnight between weeks) if the offset stays as it is. */
  #nextEdge(epochMs: number): number {
    const weekMs = this.#clock.weekMs(epochMs);
    const edge = this.#edges.find((each) => each > weekMs) ?? WEEK_MS;
    return epochMs + edge - weekMs;
  }

  #rateOfWeek(weekMs: number): number {
    for (const window of this.#windows) if (window.covers(weekMs)) return window.bytesPerSecond;
    return this.#otherwise;
  }
}

/** One window, as stretches of the week. */
class Window {
  readonly bytesPerSecond: number;
  /** Begin and length, in milliseconds since Monday, 00:00. */
  readonly #beginsMs: readonly number[];
  readonly #lengthMs: number;

  constructor({ days, from = '00:00', to = '24:00', bytesPerSecond }: RateWindow) {
    this.bytesPerSecond = checkedRate(bytesPerSecond);
    const fromMs = timeOfDay(from);
    const toMs = timeOfDay(to);
    if (fromMs === DAY_MS)
      throw new RangeError('a window cannot begin at 24:00; write 00:00 of the next day');
    if (fromMs === toMs) throw new RangeError(`${from}-${to} is empty; write 00:00-24:00 for a whole day`);
    this.#lengthMs = toMs > fromMs ? toMs - fromMs : toMs - fromMs + DAY_MS;
    this.#beginsMs = (days ?? WEEKDAYS).map((day) => dayNumber(day) * DAY_MS + fromMs);
    if (this.#beginsMs.length === 0)
      throw new RangeError('a window without days never comes; leave them out for every day');
  }

  get edges(): readonly number[] {
    return this.#beginsMs.flatMap((beginMs) => [beginMs, (beginMs + this.#lengthMs) % WEEK_MS]);
  }

  covers(weekMs: number): boolean {
    return this.#beginsMs.some((beginMs) => (weekMs - beginMs + WEEK_MS) % WEEK_MS < this.#lengthMs);
  }
}

function dayNumber(day: Weekday): number {
  const number = WEEKDAYS.indexOf(day);
  if (number === -1) throw new RangeError(`${day} is no day; write ${WEEKDAYS.join(', ')}`);
  return number;
}

function timeOfDay(text: string): number {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  const [hours, minutes] = [Number(match?.[1]), Number(match?.[2])];
  const isTime = match !== null && minutes < 60 && (hours < 24 || (hours === 24 && minutes === 0));
  if (!isTime) throw new RangeError(`${text} is no time of day; write 00:00 to 24:00`);
  return (hours * 60 + minutes) * MINUTE_MS;
}

function checkedRate(rate: number | undefined): number {
  if (rate === undefined) return Infinity;
  if (typeof rate === 'number' && rate >= 0) return rate;
  throw new RangeError(`${String(rate)} is no rate; give bytes per second, 0 to stop, or leave it out`);
}

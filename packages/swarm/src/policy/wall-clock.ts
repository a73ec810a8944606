const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** The first Monday, 00:00, after the epoch, which was a Thursday. */
const FIRST_MONDAY_MS = 4 * DAY_MS;
/** More than once in such a time no zone changes its offset. */
const STEP_MS = DAY_MS;

/** What a clock on the wall of a time zone shows, as far as weeks repeat; from the platform's time zone data. */
export class WallClock {
  readonly #format: Intl.DateTimeFormat;

  /** An IANA name; the machine's zone by default. Throws `RangeError` for an unknown one. */
  constructor(timeZone?: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        ...(timeZone === undefined ? {} : { timeZone }),
        hourCycle: 'h23',
        weekday: 'short',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
      });
    } catch (error) {
      throw new RangeError(`${timeZone} is no time zone; write an IANA name like Europe/Berlin`, {
        cause: error,
      });
    }
  }

  /** Milliseconds since Monday, 00:00, on this clock at an instant. */
  weekMs(epochMs: number): number {
    let [day, seconds] = [0, 0];
    for (const { type, value } of this.#format.formatToParts(epochMs)) {
      if (type === 'weekday') day = DAYS.indexOf(value);
      else if (type === 'hour') seconds += Number(value) * 3600;
      else if (type === 'minute') seconds += Number(value) * 60;
      else if (type === 'second') seconds += Number(value);
    }
    return day * DAY_MS + seconds * SECOND_MS + modulo(epochMs, SECOND_MS);
  }

  /** The first instant in (fromMs, toMs] at which this clock is set forward or back; undefined if there is none. */
  shiftBetween(fromMs: number, toMs: number): number | undefined {
    for (let atMs = fromMs; atMs < toMs; atMs += STEP_MS) {
      const endMs = Math.min(atMs + STEP_MS, toMs);
      if (this.#offset(endMs) !== this.#offset(atMs)) return this.#bisect(atMs, endMs);
    }
    return undefined;
  }

  #bisect(fromMs: number, toMs: number): number {
    const before = this.#offset(fromMs);
    let [low, high] = [fromMs, toMs];
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#offset(middle) === before) low = middle;
      else high = middle;
    }
    return high;
  }

  /** From UTC to this clock, modulo a week. */
  #offset(epochMs: number): number {
    return modulo(this.weekMs(epochMs) - (epochMs - FIRST_MONDAY_MS), WEEK_MS);
  }
}

const DAYS: readonly string[] = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

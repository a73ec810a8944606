import type { Clock } from '../ports/clock.ts';
import type { Rate } from './rate-limits.ts';
import { Schedule } from './schedule.ts';

/** However far the next change is: a wall clock that jumps, or a machine that slept, is noticed after this. */
const LOOK_MS = 60_000;

interface Followed {
  readonly schedule: Schedule;
  readonly apply: (bytesPerSecond: number) => void;
  current: number;
  /** The wall time from which and until which it is `current`. */
  sinceMs: number;
  untilMs: number;
}

/** Keeps rates that follow schedules in force. One timer, and none while no rate has a schedule. */
export class Timetable {
  readonly #clock: Clock;
  readonly #followed = new Map<object, Followed>();
  #cancel: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Applies a rate at once, and if it is a schedule, at each of its changes; replaces what `owner` followed before. */
  follow(owner: object, rate: Rate, apply: (bytesPerSecond: number) => void): void {
    this.#followed.delete(owner);
    if (typeof rate === 'number') {
      apply(rate);
    } else {
      const schedule = new Schedule(rate);
      const sinceMs = this.#clock.epochMs();
      const current = schedule.rateAt(sinceMs);
      this.#followed.set(owner, {
        schedule,
        apply,
        current,
        sinceMs,
        untilMs: schedule.nextChangeMs(sinceMs),
      });
      apply(current);
    }
    this.#arm();
  }

  forget(owner: object): void {
    if (this.#followed.delete(owner) && this.#followed.size === 0) this.#arm();
  }

  close(): void {
    this.#closed = true;
    this.#arm();
  }

  #look(): void {
    const epochMs = this.#clock.epochMs();
    for (const followed of this.#followed.values()) {
      if (epochMs >= followed.sinceMs && epochMs < followed.untilMs) continue;
      const { schedule, apply, current } = followed;
      followed.sinceMs = epochMs;
      followed.untilMs = schedule.nextChangeMs(epochMs);
      followed.current = schedule.rateAt(epochMs);
      if (followed.current !== current) apply(followed.current);
    }
    this.#arm();
  }

  #arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#closed || this.#followed.size === 0) return;
    const epochMs = this.#clock.epochMs();
    let waitMs = LOOK_MS;
    for (const { untilMs } of this.#followed.values()) waitMs = Math.min(waitMs, untilMs - epochMs);
    this.#cancel = this.#clock.schedule(Math.max(0, waitMs), () => this.#look());
  }
}

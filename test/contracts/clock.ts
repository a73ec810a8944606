import { describe, expect, it } from 'vitest';

import type { Clock } from '@brine/swarm';

import { Deferred } from './deferred.ts';

/** A clock and the way to let its time pass. */
export interface ClockUnderTest {
  readonly clock: Clock;
  /** Lets time pass until the promise settles. A real clock only waits. */
  readonly until: <T>(promise: Promise<T>) => Promise<T>;
}

/** What every implementation of the `Clock` port owes to the engine. */
export function clockContract(name: string, makeClock: () => ClockUnderTest): void {
  describe(`${name} as a Clock`, () => {
    it('runs a task once, not before its delay has passed, and never from inside `schedule`', async () => {
      const { clock, until } = makeClock();
      const startMs = clock.nowMs();
      const ran = new Deferred<number>();
      let runs = 0;
      clock.schedule(5, () => {
        runs += 1;
        ran.resolve(clock.nowMs());
      });
      expect(runs).toBe(0);
      // Timers of a platform are whole milliseconds, its time is finer: they may seem to fire up to one early.
      expect(await until(ran.promise)).toBeGreaterThanOrEqual(startMs + 4);
      await pass(clock, until, 10);
      expect(runs).toBe(1);
    });

    it('runs a task without delay soon, but not at once', async () => {
      const { clock, until } = makeClock();
      const ran = new Deferred<void>();
      let inside = true;
      clock.schedule(0, () => {
        expect(inside).toBe(false);
        ran.resolve();
      });
      inside = false;
      await until(ran.promise);
    });

    it('runs tasks in the order of their instants', async () => {
      const { clock, until } = makeClock();
      const order: number[] = [];
      for (const delayMs of [30, 1, 15]) clock.schedule(delayMs, () => order.push(delayMs));
      await pass(clock, until, 60);
      expect(order).toEqual([1, 15, 30]);
    });

    it('never runs a cancelled task, and lets tasks be cancelled again and too late', async () => {
      const { clock, until } = makeClock();
      let runs = 0;
      const cancel = clock.schedule(2, () => (runs += 1));
      const tooLate = clock.schedule(1, () => (runs += 10));
      cancel();
      cancel();
      await pass(clock, until, 10);
      tooLate();
      expect(runs).toBe(10);
    });

    it('never goes back', async () => {
      const { clock, until } = makeClock();
      const seen: number[] = [];
      for (let step = 0; step < 5; step += 1) {
        seen.push(clock.nowMs());
        await pass(clock, until, 1);
      }
      expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    });

    it('knows the time of day, which goes on with the time that passes', async () => {
      const { clock, until } = makeClock();
      const before = clock.epochMs();
      // Between the first publication of this test and the far future.
      expect(before).toBeGreaterThan(Date.UTC(2025, 0, 1));
      expect(before).toBeLessThan(Date.UTC(2300, 0, 1));
      await pass(clock, until, 20);
      expect(clock.epochMs() - before).toBeGreaterThanOrEqual(15);
    });
  });
}

function pass(clock: Clock, until: ClockUnderTest['until'], ms: number): Promise<void> {
  const passed = new Deferred<void>();
  clock.schedule(ms, () => passed.resolve());
  return until(passed.promise);
}

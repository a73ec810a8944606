import { describe, expect, it } from 'vitest';

import { Timetable } from '../../src/policy/timetable.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const NIGHTS = {
  windows: [{ from: '22:00', to: '06:00', bytesPerSecond: 500 }],
  otherwise: 0,
  timeZone: 'Europe/Berlin',
};
const HOUR_MS = 3_600_000;
const [A, B] = [{}, {}];

/** A timetable at an instant, and what it applied, as `hours rate`. */
function setUp(iso: string): {
  clock: VirtualClock;
  timetable: Timetable;
  applied: string[];
  note: (rate: number) => void;
} {
  const clock = new VirtualClock();
  clock.setEpoch(Date.parse(iso));
  const applied: string[] = [];
  const note = (rate: number): void => void applied.push(`${clock.nowMs() / HOUR_MS} ${rate}`);
  return { clock, timetable: new Timetable(clock), applied, note };
}

describe('a timetable', () => {
  it('applies a rate at once and each change at its moment, over midnight and the night of change', () => {
    // Saturday, 20:00 in Berlin; in the night clocks go forward.
    const { clock, timetable, applied, note } = setUp('2026-03-28T19:00Z');
    timetable.follow(note, NIGHTS, note);
    clock.advance(50 * HOUR_MS);
    expect(applied).toEqual(['0 0', '2 500', '9 0', '25 500', '33 0', '49 500']);
  });

  it('has one timer for all, and none for plain rates', () => {
    const { clock, timetable, applied, note } = setUp('2026-01-05T12:00Z');
    timetable.follow(A, 7, note);
    expect(clock.pending).toBe(0);
    timetable.follow(A, NIGHTS, note);
    timetable.follow(B, NIGHTS, note);
    expect(clock.pending).toBe(1);
    timetable.follow(A, 8, note);
    timetable.forget(B);
    expect(clock.pending).toBe(0);
    clock.advance(24 * HOUR_MS);
    expect(applied).toEqual(['0 7', '0 0', '0 0', '0 8']);
  });

  it.each(['2026-01-06T01:00Z', '2026-01-04T22:30Z'])(
    'notices within a minute that the wall clock was set, forward or back, to %s',
    (iso) => {
      const { clock, timetable, applied, note } = setUp('2026-01-05T12:00Z');
      timetable.follow(note, NIGHTS, note);
      clock.advance(HOUR_MS / 2);
      clock.setEpoch(Date.parse(iso));
      clock.advance(60_000);
      expect(applied).toHaveLength(2);
      expect(applied[1]).toMatch(/ 500$/u);
    },
  );

  it('ends its timer when it closes', () => {
    const { clock, timetable, note } = setUp('2026-01-05T12:00Z');
    timetable.follow(A, NIGHTS, note);
    timetable.close();
    expect(clock.pending).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { Schedule, WEEKDAYS } from '../../src/policy/schedule.ts';
import type { RateSchedule, RateWindow } from '../../src/policy/schedule.ts';

const at = (iso: string): number => Date.parse(iso);
const iso = (epochMs: number): string => new Date(epochMs).toISOString().replace(':00.000Z', 'Z');

/** The rates in force from one instant to another, as `when rate`. */
function changes(schedule: Schedule, from: string, to: string): string[] {
  const lines = [`${from} ${schedule.rateAt(at(from))}`];
  for (let ms = schedule.nextChangeMs(at(from)); ms < at(to); ms = schedule.nextChangeMs(ms))
    lines.push(`${iso(ms)} ${schedule.rateAt(ms)}`);
  return lines;
}

function inBerlin(windows: readonly RateWindow[], otherwise = 9): Schedule {
  return new Schedule({ windows, otherwise, timeZone: 'Europe/Berlin' });
}

describe('a schedule', () => {
  it('has several windows on some days, the first that fits counts, and a rate for the rest', () => {
    const schedule = new Schedule({
      windows: [
        { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '12:00', to: '13:00', bytesPerSecond: 3 },
        { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00', bytesPerSecond: 2 },
      ],
      otherwise: 0,
      timeZone: 'UTC',
    });
    expect(changes(schedule, '2026-01-09T00:00Z', '2026-01-12T09:00Z')).toEqual([
      '2026-01-09T00:00Z 0',
      '2026-01-09T08:00Z 2',
      '2026-01-09T12:00Z 3',
      '2026-01-09T13:00Z 2',
      '2026-01-09T18:00Z 0',
      '2026-01-12T08:00Z 2',
    ]);
  });

  it('lets a window go past midnight, also from Sunday to Monday; its day is the one on which it begins', () => {
    const schedule = inBerlin([{ days: ['fri', 'sun'], from: '22:00', to: '06:00', bytesPerSecond: 1 }]);
    expect(changes(schedule, '2026-01-09T00:00Z', '2026-01-13T00:00Z')).toEqual([
      '2026-01-09T00:00Z 9',
      '2026-01-09T21:00Z 1',
      '2026-01-10T05:00Z 9',
      '2026-01-11T21:00Z 1',
      '2026-01-12T05:00Z 9',
    ]);
  });

  it('has a window from 02:00 to 04:00 last one hour when clocks go forward and three when they go back', () => {
    const schedule = inBerlin([{ from: '02:00', to: '04:00', bytesPerSecond: 1 }]);
    expect(changes(schedule, '2026-03-28T00:00Z', '2026-03-30T12:00Z')).toEqual([
      '2026-03-28T00:00Z 9',
      '2026-03-28T01:00Z 1',
      '2026-03-28T03:00Z 9',
      // 02:00 does not exist in this night: the clock shows 03:00 at once.
      '2026-03-29T01:00Z 1',
      '2026-03-29T02:00Z 9',
      '2026-03-30T00:00Z 1',
      '2026-03-30T02:00Z 9',
    ]);
    expect(changes(schedule, '2026-10-24T12:00Z', '2026-10-26T12:00Z')).toEqual([
      '2026-10-24T12:00Z 9',
      '2026-10-25T00:00Z 1',
      '2026-10-25T03:00Z 9',
      '2026-10-26T01:00Z 1',
      '2026-10-26T03:00Z 9',
    ]);
  });

  it('leaves out a window in the hour that does not exist, and repeats one in the hour that comes twice', () => {
    const schedule = inBerlin([{ days: ['sun'], from: '02:15', to: '02:45', bytesPerSecond: 1 }]);
    expect(changes(schedule, '2026-03-23T00:00Z', '2026-04-06T00:00Z')).toEqual([
      '2026-03-23T00:00Z 9',
      '2026-04-05T00:15Z 1',
      '2026-04-05T00:45Z 9',
    ]);
    expect(changes(schedule, '2026-10-19T00:00Z', '2026-10-26T00:00Z')).toEqual([
      '2026-10-19T00:00Z 9',
      '2026-10-25T00:15Z 1',
      '2026-10-25T00:45Z 9',
      '2026-10-25T01:15Z 1',
      '2026-10-25T01:45Z 9',
    ]);
  });

  it('knows zones south of the equator, half hours, and those whose clocks change at midnight', () => {
    const windows = [{ from: '00:00', to: '01:00', bytesPerSecond: 1 }];
    const rates = (timeZone: string, from: string, to: string): string[] =>
      changes(new Schedule({ windows, otherwise: 9, timeZone }), from, to);
    expect(rates('Asia/Kolkata', '2026-01-09T12:00Z', '2026-01-10T12:00Z')).toEqual([
      '2026-01-09T12:00Z 9',
      '2026-01-09T18:30Z 1',
      '2026-01-09T19:30Z 9',
    ]);
    // Midnight does not exist in Santiago on 6 September 2026.
    expect(rates('America/Santiago', '2026-09-05T12:00Z', '2026-09-07T12:00Z')).toEqual([
      '2026-09-05T12:00Z 9',
      '2026-09-07T03:00Z 1',
      '2026-09-07T04:00Z 9',
    ]);
  });

  it('never changes without windows, or when all of them say the same', () => {
    expect(new Schedule({ windows: [] }).nextChangeMs(0)).toBe(Infinity);
    expect(new Schedule({ windows: [] }).rateAt(0)).toBe(Infinity);
    const same = { windows: [{ from: '08:00', to: '18:00', bytesPerSecond: 5 }], otherwise: 5 };
    expect(new Schedule(same).nextChangeMs(0)).toBe(Infinity);
  });

  it('answers as one that asks the clock on the wall every quarter of an hour', () => {
    const time = fc.nat(95).map((quarter) => {
      const [hours, minutes] = [Math.floor(quarter / 4), (quarter % 4) * 15];
      return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
    });
    const window = fc
      .record({
        days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
        from: time,
        to: time,
        bytesPerSecond: fc.nat(2),
      })
      .filter(({ from, to }) => from !== to);
    const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata');
    const nights = ['2026-03-08', '2026-03-29', '2026-04-05', '2026-10-04', '2026-10-25', '2026-11-01'];
    fc.assert(
      fc.property(
        fc.array(window, { maxLength: 3 }),
        zone,
        fc.constantFrom(...nights),
        (windows, timeZone, night) => {
          const spec = { windows, otherwise: 7, timeZone };
          const schedule = new Schedule(spec);
          const beginMs = at(`${night}T00:00Z`) - 86_400_000;
          let changeMs = schedule.nextChangeMs(beginMs);
          let rate = naiveRate(spec, beginMs);
          for (let ms = beginMs; ms < beginMs + 3 * 86_400_000; ms += 900_000) {
            const now = naiveRate(spec, ms);
            expect(schedule.rateAt(ms)).toBe(now);
            // A change is due exactly when the rate is another than before.
            expect(changeMs === ms).toBe(now !== rate);
            if (changeMs === ms) changeMs = schedule.nextChangeMs(ms);
            rate = now;
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([
    [{ windows: [{ from: '8' }] }, '8 is no time of day'],
    [{ windows: [{ from: '24:00' }] }, 'cannot begin at 24:00'],
    [{ windows: [{ to: '24:30' }] }, '24:30 is no time of day'],
    [{ windows: [{ from: '08:00', to: '08:00' }] }, 'write 00:00-24:00 for a whole day'],
    [{ windows: [{ days: [] }] }, 'without days never comes'],
    [{ windows: [{ days: ['mo' as 'mon'] }] }, 'mo is no day; write mon, tue'],
    [{ windows: [{ bytesPerSecond: -1 }] }, '-1 is no rate'],
    [{ windows: [], otherwise: Number.NaN }, 'NaN is no rate'],
    [{ windows: [], timeZone: 'Berlin' }, 'Berlin is no time zone'],
    [{ windows: Array.from({ length: 101 }, () => ({})) }, 'at most 100 windows'],
  ])('refuses %j and says why', (spec, message) => {
    expect(() => new Schedule(spec)).toThrow(message);
  });
});

/** By what `Intl` prints, in words; no arithmetic of weeks. */
function naiveRate({ windows, otherwise, timeZone }: RateSchedule, epochMs: number): number {
  const printed = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const [, day, time] = /^(\w+),? (\d\d:\d\d)$/u.exec(printed.format(epochMs))!;
  const today = WEEKDAYS.indexOf(day!.toLowerCase() as 'mon');
  const yesterday = WEEKDAYS[(today + 6) % 7]!;
  const found = windows.find(({ days = WEEKDAYS, from = '00:00', to = '24:00' }) => {
    if (from < to) return days.includes(WEEKDAYS[today]!) && time! >= from && time! < to;
    return (days.includes(WEEKDAYS[today]!) && time! >= from) || (days.includes(yesterday) && time! < to);
  });
  return found === undefined ? otherwise! : (found.bytesPerSecond ?? Infinity);
}

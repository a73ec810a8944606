import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';

import { Schedule } from '@brine/swarm';

import { parseRateOrSchedule } from '../src/units/schedule.ts';
import { UnitError } from '../src/units/size.ts';

describe('schedules in words', () => {
  test.each([
    ['10mbit', 1_250_000],
    ['2 MB/s', 2_000_000],
    ['0', 0],
    ['unlimited', undefined],
  ])('a plain rate stays one: %s', (text, rate) => {
    expect(parseRateOrSchedule(text)).toBe(rate);
  });

  test.each([
    [
      'mon-fri 08:00-18:00 2mbit; 0',
      {
        windows: [
          { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '18:00', bytesPerSecond: 250_000 },
        ],
        otherwise: 0,
      },
    ],
    [
      'sat,sun unlimited; 22:00-06:00 10 mbit; 2mbit; zone Europe/Berlin',
      {
        windows: [{ days: ['sat', 'sun'] }, { from: '22:00', to: '06:00', bytesPerSecond: 1_250_000 }],
        otherwise: 250_000,
        timeZone: 'Europe/Berlin',
      },
    ],
    [
      ' Fri-Mon  08:00-12:00,13:00-17:00  0 ;unlimited ',
      {
        windows: [
          { days: ['mon', 'fri', 'sat', 'sun'], from: '08:00', to: '12:00', bytesPerSecond: 0 },
          { days: ['mon', 'fri', 'sat', 'sun'], from: '13:00', to: '17:00', bytesPerSecond: 0 },
        ],
      },
    ],
    ['Wednesday 1MB; 2MB', { windows: [{ days: ['wed'], bytesPerSecond: 1_000_000 }], otherwise: 2_000_000 }],
    ['5mbit; zone UTC', { windows: [], otherwise: 625_000, timeZone: 'UTC' }],
  ])('"%s" is read', (text, schedule) => {
    expect(parseRateOrSchedule(text)).toEqual(schedule);
  });

  test.each([
    ['mon-fri 08:00-18:00 2mbit', 'Say what holds outside the windows'],
    ['08:00-18:00 2mbit; zone UTC', 'Say what holds outside the windows'],
    ['mon-fri 08:00-18:00 fast; 0', 'Write a rate like 10mbit'],
    ['fast', 'or a schedule like'],
    ['mo-fr 08:00-18:00 2mbit; 0', '"mo" is no day. Write mon, tue'],
    ['08:00-25:00 2mbit; 0', '"08:00-25:00" are no times'],
    ['8-18: 2mbit; 0', '"8-18:" are no times'],
    ['24:00-06:00 2mbit; 0', 'begins at 24:00'],
    ['08:00-08:00 2mbit; 0', 'Write 00:00-24:00 for a whole day'],
    ['2mbit; 0', 'a rate alone stands at the end'],
    ['mon 2mbit;; 0', 'nothing between two semicolons'],
    ['mon 2mbit; 0; zone Berlin', '"Berlin" is no time zone'],
    [`${'mon 1mbit; '.repeat(101)}0`, 'at most 100 windows'],
    ['mon-fri 08:00-18:00; 0', 'Write a rate like'],
  ])('"%s" is refused, and it is said why', (text, message) => {
    expect(() => parseRateOrSchedule(text)).toThrow(UnitError);
    expect(() => parseRateOrSchedule(text)).toThrow(message);
  });

  test('whatever is read, the engine takes', () => {
    const word = fc.constantFrom(
      'mon-fri',
      'sat,sun',
      '08:00-18:00',
      '22:00-06:00',
      '24:00-01:00',
      '9:00-09:00',
      '1mbit',
      '0',
      ';',
      'unlimited',
      'zone UTC',
      'zone',
      ',',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), (words) => {
        expect(['number', 'undefined', 'accepted schedule', 'UnitError']).toContain(fateOf(words.join(' ')));
      }),
      { numRuns: 2_000 },
    );
  });
});

function fateOf(text: string): string {
  try {
    const rate = parseRateOrSchedule(text);
    if (typeof rate !== 'object') return typeof rate;
    return new Schedule(rate).rateAt(0) >= 0 ? 'accepted schedule' : 'no rate';
  } catch (error) {
    return (error as Error).name;
  }
}

import type { Rate, RateWindow, Weekday } from '@brine/swarm';

import { parseRate } from './rate.ts';
import { UnitError } from './size.ts';

/**
 * A rate, or rates that follow the clock on the wall: parts separated by semicolons, of which the first that fits counts. A part is
 * days (`mon-fri`, `sat,sun`), times (`08:00-18:00`, past midnight `22:00-06:00`, several with commas) and a rate; days or times may be
 * missing. The last is a rate alone, for the rest of the time. `zone Europe/Berlin` may follow; else it is the machine's zone.
 *
 *     mon-fri 08:00-18:00 2mbit; sat,sun unlimited; 10mbit; zone Europe/Berlin
 *
 * Undefined for `unlimited`. Throws `UnitError`.
 */
export function parseRateOrSchedule(text: string): Rate | undefined {
  const parts = text.split(';').map((part) => part.trim().replaceAll(/\s+/g, ' '));
  if (parts.length === 1 && !isWindow(parts[0]!)) return inForms(() => parseRate(text));
  if (parts.includes('')) throw new UnitError(`There is nothing between two semicolons. ${FORMS}`);
  const timeZone = parts.at(-1)!.startsWith('zone ') ? parseZone(parts.pop()!) : undefined;
  const rest = parts.pop();
  if (rest === undefined || isWindow(rest))
    throw new UnitError('Say what holds outside the windows: end with "; unlimited", "; 0" or another rate.');
  const otherwise = inForms(() => parseRate(rest));
  const windows = parts.flatMap(parseWindows);
  if (windows.length > WINDOWS_MAX)
    throw new UnitError(`Write at most ${WINDOWS_MAX} windows, not ${windows.length}.`);
  return {
    windows,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

const FORMS =
  'Write a rate like 10mbit, 500KiB, unlimited, or a schedule like "mon-fri 08:00-18:00 2mbit; 10mbit".';
const DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** As many as the engine takes. */
const WINDOWS_MAX = 100;

/** Days or times stand before the rate. */
function isWindow(part: string): boolean {
  return /^(?:[a-z]+(?:[-,][a-z]+)* .|\S*:)/i.test(part) && !part.startsWith('zone ');
}

function parseWindows(part: string): RateWindow[] {
  const [first = '', ...others] = part.split(' ');
  const [days, afterDays] =
    /^[a-z]/i.test(first) && others.length > 0 ? [parseDays(first), others] : [undefined, [first, ...others]];
  const [times, afterTimes] = afterDays[0]!.includes(':')
    ? [afterDays[0]!.split(',').map(parseTimes), afterDays.slice(1)]
    : [[{}], afterDays];
  if (days === undefined && afterTimes.length === afterDays.length)
    throw new UnitError(
      `"${part}" has neither days nor times: a rate alone stands at the end, and only once.`,
    );
  const rate = inForms(() => parseRate(afterTimes.join(' ')));
  const common = {
    ...(days === undefined ? {} : { days }),
    ...(rate === undefined ? {} : { bytesPerSecond: rate }),
  };
  return times.map((time) => Object.assign(time, common));
}

/** `mon-fri`, `sat,sun`, `fri-mon`, or a mixture. */
function parseDays(text: string): Weekday[] {
  const ranges = text.toLowerCase().split(',');
  const days = new Set(ranges.flatMap(parseRange));
  return DAYS.filter((day) => days.has(day));
}

function parseRange(text: string): Weekday[] {
  const [from = 0, to = from] = text.split('-').map(dayNumber);
  const count = ((to - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, at) => DAYS[(from + at) % 7]!);
}

function dayNumber(text: string): number {
  const number = DAYS.indexOf(text.slice(0, 3) as Weekday);
  const isDay = number !== -1 && (text.length === 3 || LONG_DAYS[number] === text);
  if (!isDay)
    throw new UnitError(`"${text}" is no day. Write mon, tue, wed, thu, fri, sat, sun, mon-fri or sat,sun.`);
  return number;
}

const LONG_DAYS: readonly string[] = [
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday',
  'sunday',
];

function parseTimes(text: string): { readonly from: string; readonly to: string } {
  const [, from, to] = /^(\d{1,2}:\d{2})-(\d{1,2}:\d{2})$/.exec(text) ?? [];
  if (from === undefined || to === undefined || !isTime(from) || !isTime(to))
    throw new UnitError(`"${text}" are no times. Write 08:00-18:00, 22:00-06:00 or 00:00-24:00.`);
  if (from.startsWith('24')) throw new UnitError(`"${text}" begins at 24:00. Write 00:00 of the next day.`);
  if (from.padStart(5, '0') === to.padStart(5, '0'))
    throw new UnitError(`"${text}" is empty. Write 00:00-24:00 for a whole day.`);
  return { from, to };
}

function isTime(text: string): boolean {
  const [hours, minutes] = text.split(':').map(Number);
  return minutes! < 60 && (hours! < 24 || (hours === 24 && minutes === 0));
}

function parseZone(part: string): string {
  const timeZone = part.slice('zone '.length);
  try {
    // oxlint-disable-next-line no-new -- for its complaints
    new Intl.DateTimeFormat('en-US', { timeZone });
    return timeZone;
  } catch (error) {
    throw new UnitError(`"${timeZone}" is no time zone. Write a name like Europe/Berlin or UTC.`, {
      cause: error,
    });
  }
}

/** A rate that is wrong may be meant as a schedule. */
function inForms<Value>(parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    throw new UnitError(FORMS, { cause: error });
  }
}

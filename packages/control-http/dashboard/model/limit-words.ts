import type { PayloadStatus } from '@brine/control-http/client';

import { amountOf } from './amount.ts';

type Rate = NonNullable<PayloadStatus['limits']['downBytesPerSecond']>;

/** A rate in words: `unlimited`, `2 Mbit/s`, `Mon–Fri 08:00–18:00 2 Mbit/s, else unlimited`. */
export function describeRate(rate: Rate | undefined): string {
  if (rate === undefined || typeof rate === 'number') return describeLimit(rate);
  const windows = rate.windows.map(
    ({ days, from = '00:00', to = '24:00', bytesPerSecond }) =>
      `${describeDays(days)} ${from}–${to} ${describeLimit(bytesPerSecond)}`,
  );
  return `${windows.join(', ')}, else ${describeLimit(rate.otherwise)}`;
}

/** `Mon–Fri`, `Sat, Sun`, `every day`. */
function describeDays(days: readonly string[] | undefined): string {
  if (days === undefined || days.length === 0 || days.length === DAYS.length) return 'every day';
  const numbers = days.map((day) => DAYS.indexOf(day)).sort((a, b) => a - b);
  const isRun = numbers.length > 2 && numbers.every((number, at) => number === numbers[0]! + at);
  const names = numbers.map((number) => nameOf(DAYS[number]!));
  return isRun ? `${names[0]}–${names.at(-1)}` : names.join(', ');
}

export function nameOf(day: string): string {
  return day[0]!.toUpperCase() + day.slice(1);
}

function describeLimit(bytesPerSecond: number | undefined): string {
  if (bytesPerSecond === undefined) return 'unlimited';
  if (bytesPerSecond === 0) return 'stopped';
  const { text, unit } = amountOf(bytesPerSecond);
  return `${text} ${unit}`;
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

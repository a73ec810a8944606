import { describe, expect, test } from 'vitest';

import { formatCount } from '../src/units/count.ts';
import { formatDuration, parseDuration } from '../src/units/duration.ts';
import { formatRate, parseRate } from '../src/units/rate.ts';
import { formatBinarySize, formatSize, parseSize, UnitError } from '../src/units/size.ts';

test('numbers are shown with a comma between thousands, as toLocaleString has it', () => {
  for (const number of [0, 7, 999, 1000, 4096, 20_000, 999_999, 1_000_000, 1_073_741_824])
    expect(formatCount(number)).toBe(number.toLocaleString('en-US'));
});

describe('sizes', () => {
  test.each([
    ['65536', 65_536],
    ['16KiB', 16_384],
    ['4 MiB', 4_194_304],
    ['1.5MiB', 1_572_864],
    ['500kB', 500_000],
    ['2MB', 2_000_000],
    ['1gib', 1_073_741_824],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  test.each(['', '4M', '4k', 'MiB', '-1', '1e6', '4 potatoes', '0x10'])(
    '"%s" is refused, with the accepted forms',
    (text) => {
      expect(() => parseSize(text)).toThrow(UnitError);
      expect(() => parseSize(text)).toThrow(/16KiB/);
    },
  );

  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.00 kB'],
    [999_499, '999 kB'],
    [999_500, '1.00 MB'],
    [12_345_678, '12.3 MB'],
    [9_999_000, '10.0 MB'],
    [1_073_741_824, '1.07 GB'],
  ])('%i bytes are shown as %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });

  test('powers of two are shown exactly', () => {
    expect([16_384, 4_194_304, 1000].map(formatBinarySize)).toEqual(['16 KiB', '4 MiB', '1000 B']);
  });
});

describe('rates', () => {
  test.each([
    ['10mbit', 1_250_000],
    ['10Mbit/s', 1_250_000],
    ['8kbps', 1000],
    ['1gbit', 125_000_000],
    ['500KiB', 512_000],
    ['2MB/s', 2_000_000],
    ['0', 0],
    ['unlimited', undefined],
  ])('%s is %s bytes per second', (text, bytesPerSecond) => {
    expect(parseRate(text)).toBe(bytesPerSecond);
  });

  test.each(['fast', '10m', '', 'mbit', '10mbit/h'])('"%s" is refused, with the accepted forms', (text) => {
    expect(() => parseRate(text)).toThrow('Write a rate like 10mbit, 500KiB, 2MB/s, or unlimited.');
  });

  test('a rate is shown per second', () => {
    expect(formatRate(1_250_000)).toBe('1.25 MB/s');
  });
});

describe('durations', () => {
  test.each([
    ['0', 0],
    ['500ms', 500],
    ['90s', 90_000],
    ['10m', 600_000],
    ['2h', 7_200_000],
    ['1h30m', 5_400_000],
    ['1d', 86_400_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '90', '5 minutes', '-1s', 's'])('"%s" is refused, with the accepted forms', (text) => {
    expect(() => parseDuration(text)).toThrow('Write a duration like 90s, 10m, 2h, 1h30m, or 0.');
  });

  test.each([
    [8, '8 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [3599.7, '1 h'],
    [7500, '2 h 5 min'],
    [349_200, '4 d 1 h'],
  ])('%d seconds are shown as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

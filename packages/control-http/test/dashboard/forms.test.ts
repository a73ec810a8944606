import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { amountOf, bytesPerSecondOf } from '../../dashboard/model/amount.ts';
import {
  formOfLimits,
  formOfRates,
  NEW_WINDOW,
  readLimits,
  readRates,
} from '../../dashboard/model/limit-form.ts';
import { describeRate } from '../../dashboard/model/limit-words.ts';
import { EMPTY_ORDER, readOrderForm, suggestName } from '../../dashboard/model/order-form.ts';
import type { LimitSettings } from '../../src/index.ts';

describe('a rate', () => {
  test('reads back as what it was written from', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 45 }), (rate) => bytesPerSecondOf(amountOf(rate)) === rate),
    );
  });

  test('is written in the bits that lines are sold in', () => {
    expect([250_000, 1_250, 125_000_000, 0].map(amountOf)).toEqual([
      { text: '2', unit: 'Mbit/s' },
      { text: '10', unit: 'kbit/s' },
      { text: '1', unit: 'Gbit/s' },
      { text: '0', unit: 'kbit/s' },
    ]);
  });

  test.each(['', 'much', '-1', '1e9', '1.2.3', '∞'])('is not %j', (text) => {
    expect(bytesPerSecondOf({ text, unit: 'MB/s' })).toBeUndefined();
  });

  test('may have a comma', () => {
    expect(bytesPerSecondOf({ text: ' 2,5 ', unit: 'MB/s' })).toBe(2_500_000);
  });
});

const SETTINGS: LimitSettings = {
  total: { upBytesPerSecond: 0 },
  outside: {
    downBytesPerSecond: {
      windows: [
        { days: ['mon', 'fri'], from: '08:00', to: '18:00', bytesPerSecond: 250_000 },
        { from: '22:00', to: '06:00' },
      ],
      otherwise: 1_000_000,
      timeZone: 'Europe/Berlin',
    },
  },
};

describe('the form of limits', () => {
  test('reads as the limits that it was made from', () => {
    expect(readLimits(formOfLimits({ ...SETTINGS, source: 'order' }))).toEqual({
      type: 'settings',
      settings: SETTINGS,
    });
    expect(readLimits(formOfLimits({ source: 'configuration' }))).toEqual({ type: 'settings', settings: {} });
  });

  test('says at each field what is wrong with it', () => {
    const { down, up } = formOfRates({ downBytesPerSecond: 5 });
    const wrong = { limited: true, amount: { text: 'much', unit: 'MB/s' as const } };
    const windows = [
      { ...NEW_WINDOW, from: '25:00' },
      { ...NEW_WINDOW, from: '08:00', to: '08:00', rate: wrong },
    ];
    const reading = readRates({ down: { ...down, rate: wrong }, up: { ...up, kind: 'schedule', windows } });
    expect(reading.type === 'faults' ? [...reading.faults.keys()].sort() : []).toEqual([
      'payload-down',
      'payload-up-0-from',
      'payload-up-1',
      'payload-up-1-to',
    ]);
  });

  test('all days are every day, and a schedule without windows is none', () => {
    const form = formOfRates({
      downBytesPerSecond: { windows: [{ from: '08:00', to: '18:00', bytesPerSecond: 5 }] },
    });
    const all = {
      ...form.down.windows[0]!,
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const,
    };
    expect(readRates({ ...form, down: { ...form.down, windows: [all] } })).toEqual(readRates(form));
    expect(readRates({ ...form, down: { ...form.down, windows: [] } }).type).toBe('faults');
  });

  test('and limits in words', () => {
    expect(describeRate(undefined)).toBe('unlimited');
    expect(describeRate(0)).toBe('stopped');
    expect(describeRate(SETTINGS.outside?.downBytesPerSecond)).toBe(
      'Mon, Fri 08:00–18:00 2 Mbit/s, every day 22:00–06:00 unlimited, else 8 Mbit/s',
    );
    expect(describeRate({ windows: [{ ...NEW_WINDOW, bytesPerSecond: 5 * 125_000 }] })).toBe(
      'Mon–Fri 08:00–18:00 5 Mbit/s, else unlimited',
    );
  });
});

describe('the form of an order', () => {
  const infohash = 'aB'.repeat(20);

  test('reads as an order with what was filled in, and nothing else', () => {
    expect(readOrderForm({ ...EMPTY_ORDER, name: ' maps ', link: ` ${infohash} ` }, new Set())).toEqual({
      type: 'order',
      name: 'maps',
      order: { infohash, mode: 'download' },
    });
    const form = {
      ...EMPTY_ORDER,
      name: 'maps',
      link: 'MAGNET:?xt=urn:btih:x',
      path: '/srv/x ',
      peers: 'a:1\n b:2, ',
      trackers: 'udp://t:1\n',
      paused: true,
    };
    expect(readOrderForm({ ...form, mode: 'adopt' }, new Set())).toMatchObject({
      order: {
        magnet: form.link,
        mode: 'adopt',
        path: '/srv/x',
        peers: ['a:1', 'b:2'],
        trackers: ['udp://t:1'],
        paused: true,
      },
    });
    const file = { name: 'maps.torrent', base64: 'ZGU=' };
    expect(readOrderForm({ ...form, file }, new Set())).toMatchObject({ order: { torrent: 'ZGU=' } });
  });

  test('never orders other content under a name that is taken', () => {
    const reading = readOrderForm({ ...EMPTY_ORDER, name: 'maps', link: infohash }, new Set(['maps']));
    expect(reading).toMatchObject({ type: 'faults' });
  });

  test('says what is missing, in the order of the page', () => {
    const reading = readOrderForm({ ...EMPTY_ORDER, link: 'abc' }, new Set());
    expect(reading.type === 'faults' ? [...reading.faults.keys()] : []).toEqual(['link', 'name']);
  });

  test.each([
    ['Karten für Ö.torrent', 'Karten-fu-r-O'],
    ['..hidden.torrent', 'hidden'],
    ['maps 2026.2.TORRENT', 'maps-2026.2'],
    ['x'.repeat(200), 'x'.repeat(100)],
  ])('suggests a name that may be used: %s', (name, suggested) => {
    expect(suggestName({ link: '', file: { name, base64: '' } })).toBe(suggested);
  });

  test('suggests what a magnet link calls itself', () => {
    expect(suggestName({ link: 'magnet:?xt=urn:btih:x&dn=My+maps%211', file: undefined })).toBe('My-maps-1');
    expect(suggestName({ link: infohash, file: undefined })).toBe('');
  });
});

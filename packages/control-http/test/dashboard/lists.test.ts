import { describe, expect, test } from 'vitest';

import { formatBytes, formatDuration, formatPercent } from '../../dashboard/model/formats.ts';
import { countByFilter, listPayloads, NAMES_FIRST } from '../../dashboard/model/payload-list.ts';
import { groupPeers } from '../../dashboard/model/peer-groups.ts';
import { pieceCells } from '../../dashboard/model/piece-cells.ts';
import { hashOf, parseRoute, tokenIn } from '../../dashboard/model/route.ts';
import { savingsOf } from '../../dashboard/model/savings.ts';
import type { PayloadStatus, PeerView } from '../../src/index.ts';
import { makeDetails, makeStatus } from '../support/fake-service.ts';

function status(name: string, part: Partial<PayloadStatus>): PayloadStatus {
  const { error: _error, etaSeconds: _eta, ...plain } = makeStatus(name);
  return { ...plain, downBytesPerSecond: 0, upBytesPerSecond: 0, phase: 'seeding', ...part };
}

const PAYLOADS = [
  status('maps', { complete: true, percent: 100 }),
  status('Films', { phase: 'downloading', percent: 40, etaSeconds: 9 }),
  status('tools', { phase: 'paused', percent: 40 }),
  status('images', { phase: 'waiting', percent: 3, error: { code: 'x', message: '', wayOut: '' } }),
  status('audio', { complete: true, percent: 100, upBytesPerSecond: 5 }),
];
const names = (order: Partial<typeof NAMES_FIRST>): string[] =>
  listPayloads(PAYLOADS, { ...NAMES_FIRST, ...order }).map(({ name }) => name);

describe('the list', () => {
  test('is in order, and what is equal in the order of names', () => {
    expect(names({})).toEqual(['audio', 'Films', 'images', 'maps', 'tools']);
    expect(names({ sort: 'percent', descending: true })).toEqual([
      'audio',
      'maps',
      'Films',
      'tools',
      'images',
    ]);
    expect(names({ sort: 'left' })).toEqual(['audio', 'maps', 'Films', 'images', 'tools']);
  });

  test('has what is looked for, in name, path or info-hash, all words', () => {
    expect(names({ query: 'IL' })).toEqual(['Films']);
    expect(names({ query: 'ab ap' })).toEqual(['audio', 'Films', 'images', 'maps', 'tools']);
    expect(names({ query: 'film nothing' })).toEqual([]);
  });

  test('is filtered, and each filter counts what it lets through', () => {
    expect(names({ filter: 'active' })).toEqual(['audio', 'Films']);
    expect(names({ filter: 'trouble' })).toEqual(['images']);
    expect(countByFilter(PAYLOADS)).toEqual({ all: 5, active: 2, trouble: 1, paused: 1, complete: 2 });
  });
});

test('peers are grouped by site: the own one, near ones, others, the unknown last; busy ones first', () => {
  const [model] = makeDetails(makeStatus('maps')).connections as [PeerView];
  const peer = (address: string, part: Partial<PeerView>): PeerView => {
    const { site: _site, ...plain } = model;
    return { ...plain, address, ...part };
  };
  const groups = groupPeers([
    peer('1', { class: 'wan' }),
    peer('2', { class: 'wan', site: 'fr/lyo', downloadedBytes: 5 }),
    peer('3', { class: 'site', site: 'de/muc' }),
    peer('4', { class: 'site', site: 'de/muc', downloadedBytes: 100 }),
    peer('5', { class: 'near', site: 'de/nue' }),
  ]);
  expect(groups.map((group) => [group.class, group.site, group.peers.map(({ address }) => address)])).toEqual(
    [
      ['site', 'de/muc', ['4', '3']],
      ['near', 'de/nue', ['5']],
      ['wan', 'fr/lyo', ['2']],
      ['wan', undefined, ['1']],
    ],
  );
  expect(groups[0]).toMatchObject({ downloadedBytes: 103, downBytesPerSecond: 2 });
});

describe('squares of pieces', () => {
  const map = (...bytes: readonly number[]): string => Buffer.from(bytes).toString('base64');

  test('are the bits, the highest first', () => {
    expect(pieceCells(map(0b1010_0000, 0b1000_0000), 9, 100)).toEqual({
      verified: [1, 0, 1, 0, 0, 0, 0, 0, 1],
      piecesPerCell: 1,
    });
  });

  test('stand for several pieces when there are too many, the last for what is left', () => {
    expect(pieceCells(map(0b1110_0000, 0b1000_0000), 9, 5)).toEqual({
      verified: [1, 0.5, 0, 0, 1],
      piecesPerCell: 2,
    });
  });
});

test('savings are what came from the own site, against all that came', () => {
  const counts = (downloadedBytes: number, uploadedBytes: number) => ({
    downloadedBytes,
    uploadedBytes,
    downBytesPerSecond: 0,
    upBytesPerSecond: 0,
  });
  expect(savingsOf({ site: counts(75, 9), near: counts(5, 1), wan: counts(20, 1) })).toEqual({
    lanBytes: 75,
    lineBytes: 25,
    percent: 75,
    givenBytes: 9,
  });
  expect(savingsOf({ site: counts(0, 0), near: counts(0, 0), wan: counts(0, 0) }).percent).toBeUndefined();
});

test('an address names a view, and a view its address', () => {
  for (const route of [
    { view: 'payloads' },
    { view: 'payload', name: 'maps-1.2_x' },
    { view: 'add' },
    { view: 'limits' },
    { view: 'activity' },
  ] as const)
    expect(parseRoute(hashOf(route))).toEqual(route);
  expect(parseRoute('#/elsewhere')).toEqual({ view: 'payloads' });
  expect(parseRoute('#/payloads/%zz')).toEqual({ view: 'payload', name: '%zz' });
  expect(tokenIn('#token=abc')).toBe('abc');
  expect(tokenIn('#/limits')).toBeUndefined();
});

test('numbers are for people', () => {
  expect([0, 999, 1_000, 12_345_678, 4.2e15].map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.00 kB',
    '12.3 MB',
    '4.20 PB',
  ]);
  expect([99.99, 100, 0.05].map(formatPercent)).toEqual(['99.9 %', '100 %', '0.0 %']);
  expect([8, 200, 7_500, 349_200].map(formatDuration)).toEqual(['8 s', '3 min 20 s', '2 h 5 min', '4 d 1 h']);
});

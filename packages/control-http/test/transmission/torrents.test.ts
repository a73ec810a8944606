import { describe, expect, test } from 'vitest';

import type { PayloadDetails } from '../../src/index.ts';
import { ServiceError } from '../../src/index.ts';
import { TORRENT_FIELDS } from '../../src/transmission/torrent-fields.ts';
import { makeDetails, makeStatus } from '../support/fake-service.ts';
import { Rpc } from '../support/rpc.ts';

const HASH = 'ab'.repeat(20);
const OTHER = 'cd'.repeat(20);

/** The value of a field for a payload that differs from the usual one as `changes` say. */
function field(name: string, changes: Partial<PayloadDetails> = {}): unknown {
  const details = { ...makeDetails(makeStatus('maps')), ...changes };
  const seen = { id: 7, position: 2, activityDate: 0, doneDate: 0, nowMs: 1_800_000_000_000, peersMax: 200 };
  return TORRENT_FIELDS[name]!({ ...seen, status: details, details });
}

describe('torrent-add', () => {
  test.each([
    ['metainfo', 'ZDQ6aW5m', 'torrent'],
    ['filename', `magnet:?xt=urn:btih:${HASH}`, 'magnet'],
    ['filename', HASH, 'infohash'],
    ['filename', '/srv/torrents/maps.torrent', 'torrentFile'],
    ['filename', 'C:\\torrents\\maps.torrent', 'torrentFile'],
  ])('orders what %s says: %.30s', async (key, value, content) => {
    await using rpc = await Rpc.open();
    const args = {
      [key]: value,
      paused: true,
      'download-dir': '/srv/payloads/x',
      labels: ['a'],
      cookies: '',
    };
    const added = await rpc.done('torrent-add', args);
    expect(added).toEqual({ 'torrent-added': { id: 1, hashString: HASH, name: 'x' } });
    const order = { [content]: value, path: '/srv/payloads/x', paused: true };
    expect([...rpc.service.orders]).toEqual([[HASH, order]]);
  });

  test.each([
    ['maps', 'maps'],
    ['Übersicht 2026 (neu).pdf', 'Ubersicht-2026-neu-.pdf'],
    ['../../etc/passwd', 'etc-passwd'],
    ['-rf', 'rf'],
    ['設計図', 'payload'],
    ['', 'payload'],
    ['x'.repeat(300), 'x'.repeat(95)],
  ])('names the order after its content: %.30s', async (title, name) => {
    await using rpc = await Rpc.open();
    rpc.service.title = title;
    await rpc.done('torrent-add', { metainfo: 'ZDQ6\naW5m' });
    expect([...rpc.service.orders]).toEqual([[name, { torrent: 'ZDQ6aW5m' }]]);
  });

  test('says when it is here already, and orders nothing', async () => {
    await using rpc = await Rpc.open();
    await rpc.done('torrent-add', { filename: HASH });
    const calls = rpc.service.calls.length;
    const again = await rpc.done('torrent-add', { filename: `magnet:?xt=urn:btih:${HASH}&dn=other` });
    expect(again).toEqual({ 'torrent-duplicate': { id: 1, hashString: HASH, name: 'maps' } });
    expect(rpc.service.calls).toHaveLength(calls);
  });

  test('never replaces a payload that has the name', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('maps', { infohash: OTHER });
    await rpc.done('torrent-add', { filename: `magnet:?xt=urn:btih:${HASH}&dn=maps` });
    expect(rpc.service.orders.get('maps')).toEqual({ infohash: OTHER });
    expect([...rpc.service.orders.keys()]).toEqual(['maps', 'maps-2']);
  });

  test.each([
    [{}, /give "metainfo"/],
    [{ filename: 'http://tracker.example/maps.torrent' }, /addresses are not fetched/],
    [{ filename: 'file:///etc/passwd' }, /addresses are not fetched/],
    [{ filename: HASH, 'files-unwanted': [1] }, /"files-unwanted" cannot be followed/],
    [{ filename: 7 }, /"filename" must be a string/],
    [{ filename: HASH, paused: 'yes' }, /"paused" must be true or false/],
  ])('refuses %j', async (args, message) => {
    await using rpc = await Rpc.open();
    expect((await rpc.call('torrent-add', args)).result).toMatch(message);
    expect(rpc.service.calls).toEqual([]);
  });

  test('passes on why the service refuses', async () => {
    await using rpc = await Rpc.open();
    rpc.service.failure = new ServiceError('path-refused', '/etc is not below a configured root.');
    const answer = await rpc.call('torrent-add', { filename: HASH, 'download-dir': '/etc' });
    expect(answer).toEqual({ arguments: {}, result: '/etc is not below a configured root.' });
  });
});

describe('torrents are known', () => {
  test('by numbers that stay, and are never given again', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('b', { infohash: HASH });
    expect(await rpc.torrents(['id', 'hashString'])).toEqual([{ id: 1, hashString: HASH }]);
    rpc.service.orders.clear();
    rpc.service.orders.set('a', { infohash: OTHER });
    rpc.service.orders.set('b', { infohash: HASH });
    expect(await rpc.torrents(['id'])).toEqual([{ id: 2 }, { id: 1 }]);
    rpc.service.orders.delete('b');
    expect(await rpc.torrents(['id'])).toEqual([{ id: 2 }]);
    rpc.service.orders.set('b', { infohash: HASH });
    expect(await rpc.torrents(['id'])).toEqual([{ id: 2 }, { id: 3 }]);
  });

  test.each([
    [undefined, [1, 2]],
    [2, [2]],
    [[2, 9], [2]],
    [[HASH.toUpperCase()], [1]],
    [OTHER, [2]],
    [[], []],
    ['recently-active', [1, 2]],
  ])('as %j', async (ids, expected) => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('a', { infohash: HASH });
    rpc.service.orders.set('b', { infohash: OTHER });
    expect(await rpc.torrents(['id'], ids)).toEqual(expected.map((id) => ({ id })));
  });

  test.each([[{}], [1.5], [[null]], [true]])('but not as %j', async (ids) => {
    await using rpc = await Rpc.open();
    expect((await rpc.call('torrent-get', { fields: ['id'], ids })).result).toMatch(/"ids" must be/);
  });

  test('as recently active while something happens to them, and as removed for a while after', async () => {
    await using rpc = await Rpc.open();
    const quiet = { downBytesPerSecond: 0, upBytesPerSecond: 0 };
    rpc.service.changes = quiet;
    rpc.service.orders.set('a', { infohash: HASH });
    rpc.service.orders.set('b', { infohash: OTHER });
    const recent = async (): Promise<unknown> =>
      rpc.done('torrent-get', { fields: ['id'], ids: 'recently-active' });
    expect(await recent()).toEqual({ torrents: [{ id: 1 }, { id: 2 }], removed: [] });
    rpc.clock.nowMs += 61_000;
    expect(await recent()).toEqual({ torrents: [], removed: [] });
    rpc.service.orders.set('a', { infohash: HASH, paused: true });
    expect(await recent()).toEqual({ torrents: [{ id: 1 }], removed: [] });
    rpc.service.orders.delete('b');
    rpc.clock.nowMs += 30_000;
    expect(await recent()).toEqual({ torrents: [{ id: 1 }], removed: [2] });
    rpc.clock.nowMs += 61_000;
    expect(await recent()).toEqual({ torrents: [], removed: [] });
    rpc.service.changes = { ...quiet, upBytesPerSecond: 5 };
    expect(await rpc.torrents(['activityDate'], 'recently-active')).toEqual([
      { activityDate: rpc.clock.nowMs / 1_000 },
    ]);
  });

  test('by the second in which they were seen to become complete', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('a', { infohash: HASH });
    expect(await rpc.torrents(['doneDate'])).toEqual([{ doneDate: 0 }]);
    rpc.service.changes = { complete: true };
    rpc.clock.nowMs += 5_000;
    const doneDate = rpc.clock.nowMs / 1_000;
    expect(await rpc.torrents(['doneDate'])).toEqual([{ doneDate }]);
    rpc.clock.nowMs += 5_000;
    expect(await rpc.torrents(['doneDate'])).toEqual([{ doneDate }]);
  });
});

describe('torrent-get', () => {
  test('tells the fields that were asked for, as objects or as a table, and leaves out what it does not know', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('maps', {});
    const fields = ['id', 'name', 'name', 'sequentialDownload', 'constructor', 'status'];
    expect(await rpc.torrents(fields)).toEqual([{ id: 1, name: 'maps', status: 2 }]);
    expect(await rpc.done('torrent-get', { fields, format: 'table' })).toEqual({
      torrents: [
        ['id', 'name', 'status'],
        [1, 'maps', 2],
      ],
    });
    expect((await rpc.call('torrent-get')).result).toMatch(/"fields" is missing/);
    expect((await rpc.call('torrent-get', { fields: 'id' })).result).toMatch(/must be a list/);
  });

  test('has whole numbers where the specification has numbers that are no fractions', () => {
    const fractions = new Set([
      'percentDone',
      'percentComplete',
      'metadataPercentComplete',
      'recheckProgress',
      'uploadRatio',
      'seedRatioLimit',
    ]);
    const numbers = Object.keys(TORRENT_FIELDS).filter((name) => typeof field(name) === 'number');
    const broken = numbers.filter((name) => !Number.isInteger(field(name)) && !fractions.has(name));
    expect(broken).toEqual([]);
    expect(numbers.length).toBeGreaterThan(40);
  });

  test.each([
    ['paused', 0],
    ['failed', 0],
    ['opening', 1],
    ['checking', 2],
    ['waiting', 3],
    ['resolving', 4],
    ['downloading', 4],
    ['seeding', 6],
  ] as const)('has a number for %s', (phase, status) => {
    expect(field('status', { phase })).toBe(status);
  });

  test('has nothing left only when everything is published', () => {
    const verified = { bytesDone: 10_000, bytesTotal: 10_000, complete: false };
    expect(field('leftUntilDone', verified)).toBe(1);
    expect(field('percentDone', verified)).toBeLessThan(1);
    expect(field('eta', verified)).toBe(18);
    expect(field('leftUntilDone', { ...verified, complete: true })).toBe(0);
    expect(field('percentDone', { ...verified, complete: true })).toBe(1);
    expect(field('eta', { ...verified, complete: true })).toBe(-1);
    const { etaSeconds: _eta, ...endless } = makeStatus('maps');
    expect(TORRENT_FIELDS['eta']!({ status: endless } as never)).toBe(-2);
  });

  test('says where it stands by directory and name', () => {
    expect([field('downloadDir'), field('name')]).toEqual(['/srv/payloads', 'maps']);
    const unknown = { bytesTotal: 0, path: '/srv/payloads' };
    expect([field('downloadDir', unknown), field('name', unknown)]).toEqual(['/srv/payloads', 'maps']);
    expect(field('metadataPercentComplete', unknown)).toBe(0);
  });

  test('says what is wrong, and the way out', () => {
    expect([field('error'), field('errorString')]).toEqual([3, 'the disk is full free some space']);
    const { error: _error, ...sound } = makeStatus('maps');
    expect(TORRENT_FIELDS['error']!({ status: sound } as never)).toBe(0);
    expect(TORRENT_FIELDS['errorString']!({ status: sound } as never)).toBe('');
  });

  test('tells limits in kB/s, and of a schedule what it says now', () => {
    const limits = {
      downBytesPerSecond: { windows: [{ from: '00:00', to: '24:00', bytesPerSecond: 2_500 }] },
      upBytesPerSecond: 5,
    };
    expect([field('downloadLimited', { limits }), field('downloadLimit', { limits })]).toEqual([true, 3]);
    expect([field('uploadLimited', { limits }), field('uploadLimit', { limits })]).toEqual([true, 1]);
    expect([field('uploadLimited', { limits: {} }), field('uploadLimit', { limits: {} })]).toEqual([
      false,
      100,
    ]);
  });

  test('tells files, peers, pieces and trackers', () => {
    expect(field('files')).toEqual([{ name: 'maps/maps/a.img', length: 10_000, bytesCompleted: 1234 }]);
    const one = { path: '/srv/a.img', files: [{ path: 'a.img', bytes: 7, bytesDone: 7 }] };
    expect(field('files', one)).toEqual([{ name: 'a.img', length: 7, bytesCompleted: 7 }]);
    expect(field('fileStats')).toEqual([{ bytesCompleted: 1234, wanted: true, priority: 0 }]);
    expect([field('wanted'), field('priorities'), field('file-count')]).toEqual([[1], [0], 1]);
    expect([field('pieces'), field('pieceCount'), field('pieceSize')]).toEqual(['AA==', 1, 16_384]);
    expect(field('peers')).toEqual([
      expect.objectContaining({
        address: '192.0.2.1',
        port: 6881,
        clientName: 'Brine',
        flagStr: 'd?',
        isDownloadingFrom: false,
        isIncoming: false,
        progress: 0.5,
        rateToClient: 1,
      }),
    ]);
    expect(field('desiredAvailable')).toBe(10_000 / 2 - 1234);
    expect(field('trackers')).toEqual([
      { id: 0, announce: 'http://t.example/announce', scrape: '', sitename: 't', tier: 0 },
    ]);
    expect(field('trackerStats')).toEqual([
      expect.objectContaining({
        host: 'http://t.example',
        announceState: 1,
        hasAnnounced: true,
        lastAnnounceSucceeded: false,
        lastAnnounceResult: 'y',
        lastAnnounceTime: 1_800_000_000 - 4,
        nextAnnounceTime: 1_800_000_000 + 60,
        seederCount: 1,
      }),
    ]);
    expect(field('magnetLink')).toBe(
      `magnet:?xt=urn:btih:${HASH}&dn=maps&tr=http%3A%2F%2Ft.example%2Fannounce`,
    );
  });

  test('has an IPv6 peer’s address without brackets', () => {
    const [peer] = makeDetails(makeStatus('maps')).connections;
    const connections = [{ ...peer!, address: '[2001:db8::1]:6881' }];
    expect(field('peers', { connections })).toEqual([
      expect.objectContaining({ address: '2001:db8::1', port: 6881 }),
    ]);
  });
});

describe('torrents are', () => {
  test('started, stopped, verified, announced and removed', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('a', { infohash: HASH });
    rpc.service.orders.set('b', { infohash: OTHER });
    await rpc.done('torrent-stop', { ids: [1] });
    await rpc.done('torrent-start', { ids: OTHER });
    await rpc.done('torrent-start-now', { ids: [1] });
    await rpc.done('torrent-verify');
    await rpc.done('torrent-reannounce', { ids: 2 });
    await rpc.done('torrent-remove', { ids: [1] });
    await rpc.done('torrent-remove', { ids: [OTHER], 'delete-local-data': true });
    await rpc.done('torrent-remove', { ids: [1, 9] });
    expect(rpc.service.calls).toEqual([
      'pause a',
      'resume b',
      'resume a',
      'verify a',
      'verify b',
      'announce b',
      'remove a false',
      'remove b true',
    ]);
  });

  test.each([[undefined], [[]], ['recently-active']])('not removed all at once by ids %j', async (ids) => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('a', { infohash: HASH });
    expect((await rpc.call('torrent-remove', { ids, 'delete-local-data': true })).result).toMatch(
      /name the torrents/,
    );
    expect(rpc.service.orders.size).toBe(1);
  });

  test('all tried, and the first failure told', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('a', { infohash: HASH });
    rpc.service.orders.set('b', { infohash: OTHER });
    rpc.service.failure = new ServiceError('not-ready', '"a" is opening.');
    expect((await rpc.call('torrent-verify')).result).toBe('"a" is opening.');
    expect(rpc.service.calls).toEqual(['verify b']);
  });

  test('limited, each direction by itself', async () => {
    await using rpc = await Rpc.open();
    rpc.service.orders.set('a', { infohash: HASH, limits: { downBytesPerSecond: 7 } });
    await rpc.done('torrent-set', { ids: [1], uploadLimit: 50, uploadLimited: true });
    expect(rpc.service.orders.get('a')?.limits).toEqual({ downBytesPerSecond: 7, upBytesPerSecond: 50_000 });
    await rpc.done('torrent-set', { ids: [1], downloadLimited: false });
    expect(rpc.service.orders.get('a')?.limits).toEqual({ upBytesPerSecond: 50_000 });
    // What is as it is already is no change, and no reason to refuse.
    const calls = rpc.service.calls.length;
    await rpc.done('torrent-set', { ids: [1], uploadLimit: 50, honorsSessionLimits: true, seedRatioMode: 2 });
    expect(rpc.service.calls).toHaveLength(calls);
  });

  test.each([{ 'files-unwanted': [0] }, { 'peer-limit': 7 }, { labels: ['x'] }, { location: '/' }, { x: 1 }])(
    'not set to %j, and then not limited either',
    async (args) => {
      await using rpc = await Rpc.open();
      rpc.service.orders.set('a', { infohash: HASH });
      const answer = await rpc.call('torrent-set', {
        ids: [1],
        uploadLimit: 5,
        uploadLimited: true,
        ...args,
      });
      expect(answer.result).toMatch(/cannot be set here/);
      expect(rpc.service.calls).toEqual([]);
    },
  );
});

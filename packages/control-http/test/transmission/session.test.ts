import { expect, test } from 'vitest';

import { Rpc } from '../support/rpc.ts';

test('session-get tells what it is asked for, or everything', async () => {
  await using rpc = await Rpc.open();
  const all = await rpc.done('session-get');
  expect(all).toMatchObject({
    version: '4.0.0 (Brine 1.2.3)',
    'rpc-version': 17,
    'session-id': rpc.sessionId,
    'download-dir': '/srv/payloads',
    'config-dir': '/state',
    'peer-port': 6881,
    'peer-limit-global': 500,
    'peer-limit-per-torrent': 200,
    'pex-enabled': true,
    'lpd-enabled': false,
    'speed-limit-down-enabled': false,
    'speed-limit-down': 100,
  });
  const fields = ['rpc-version', 'units', 'nothing'];
  expect(Object.keys(await rpc.done('session-get', { fields })).sort()).toEqual(['rpc-version', 'units']);
});

test('speed limits are the service’s over everything; the rest of its limits stays', async () => {
  await using rpc = await Rpc.open();
  await rpc.service.setLimits({ total: { upBytesPerSecond: 9_000 }, outside: { downBytesPerSecond: 7 } });
  await rpc.done('session-set', { 'speed-limit-down': 500, 'speed-limit-down-enabled': true });
  expect(rpc.service.limits()).toEqual({
    source: 'order',
    total: { downBytesPerSecond: 500_000, upBytesPerSecond: 9_000 },
    outside: { downBytesPerSecond: 7 },
  });
  await rpc.done('session-set', { 'speed-limit-down-enabled': false });
  expect(rpc.service.limits().total).toEqual({ upBytesPerSecond: 9_000 });
  // The number stays while it is off.
  expect(await rpc.done('session-get', { fields: ['speed-limit-down'] })).toEqual({
    'speed-limit-down': 500,
  });
  await rpc.done('session-set', { 'speed-limit-down': 600 });
  expect(rpc.service.limits().total).toEqual({ upBytesPerSecond: 9_000 });
  await rpc.done('session-set', { 'speed-limit-down-enabled': true });
  expect(rpc.service.limits().total).toEqual({ downBytesPerSecond: 600_000, upBytesPerSecond: 9_000 });
  // A switch without a number must not stop everything.
  await using fresh = await Rpc.open();
  await fresh.done('session-set', { 'speed-limit-up-enabled': true });
  expect(fresh.service.limits().total).toEqual({ upBytesPerSecond: 100_000 });
  await fresh.done('session-set', { 'speed-limit-up': 0 });
  expect(fresh.service.limits().total).toEqual({ upBytesPerSecond: 0 });
});

test('a schedule stays when it is sent back as it is shown', async () => {
  await using rpc = await Rpc.open();
  const upBytesPerSecond = { windows: [{ from: '00:00', to: '24:00', bytesPerSecond: 2_500 }] };
  await rpc.service.setLimits({ total: { upBytesPerSecond } });
  const shown = await rpc.done('session-get');
  expect(shown).toMatchObject({ 'speed-limit-up': 3, 'speed-limit-up-enabled': true });
  await rpc.done('session-set', { ...shown, 'speed-limit-down': 5, 'speed-limit-down-enabled': true });
  expect(rpc.service.limits().total).toEqual({ downBytesPerSecond: 5_000, upBytesPerSecond });
});

test.each([
  { 'download-dir': '/' },
  { 'dht-enabled': true },
  { 'alt-speed-enabled': true },
  { encryption: 'required' },
  { 'script-torrent-done-filename': '/bin/sh' },
])('session-set refuses %j, and does nothing', async (change) => {
  await using rpc = await Rpc.open();
  const answer = await rpc.call('session-set', {
    'speed-limit-up': 5,
    'speed-limit-up-enabled': true,
    ...change,
  });
  expect(answer.result).toMatch(/cannot be set here: it is set in the agent’s configuration/);
  expect(rpc.service.calls).toEqual([]);
});

test.each([{ 'speed-limit-up': -1 }, { 'speed-limit-up': 1.5 }, { 'speed-limit-up-enabled': 'on' }])(
  'session-set refuses %j',
  async (change) => {
    await using rpc = await Rpc.open();
    expect((await rpc.call('session-set', change)).result).toMatch(/^"speed-limit-up.* must be/);
  },
);

test('session-stats counts torrents and bytes', async () => {
  await using rpc = await Rpc.open();
  rpc.service.orders.set('a', {});
  rpc.service.orders.set('b', { infohash: 'cd'.repeat(20), paused: true });
  const stats = await rpc.done('session-stats');
  expect(stats).toMatchObject({
    activeTorrentCount: 1,
    pausedTorrentCount: 1,
    torrentCount: 2,
    downloadSpeed: 1,
    uploadSpeed: 2,
    'current-stats': { downloadedBytes: 3, uploadedBytes: 4, sessionCount: 1 },
  });
  expect(stats['cumulative-stats']).toEqual(stats['current-stats']);
});

test('free-space tells the room', async () => {
  await using rpc = await Rpc.open();
  expect(await rpc.done('free-space', { path: '/srv/x' })).toEqual({
    path: '/srv/x',
    'size-bytes': 1_000,
    total_size: 3_000,
  });
  expect((await rpc.call('free-space')).result).toMatch(/"path" is missing/);
});

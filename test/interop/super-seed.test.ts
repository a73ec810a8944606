import { join } from 'node:path';

import { expect, test } from 'vitest';

import { brine, jsonLine } from '../rig/peers/brine.ts';
import { libtorrent } from '../rig/peers/libtorrent.ts';
import { transmission } from '../rig/peers/transmission.ts';
import { makeFile } from '../rig/payload.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { Tracker, trackerUrls } from '../rig/tracker.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

const BYTES = 24 * 1024 * 1024 + 1;

describeInterop('a super-seeding origin', () => {
  test('gives foreign clients little more than one copy among them', async () => {
    await using room = await SwarmRoom.open();
    const payload = await makeFile(join(room.directory, 'seed'), 'super.bin', BYTES);
    const host = await room.network.host();
    const { http, udp } = trackerUrls(host);
    const torrent = await makeTorrent('brine', payload, join(room.directory, 'x.torrent'), 256 * 1024, [
      http,
      udp,
    ]);
    const tracker = await Tracker.start(host, [torrent.infoHash], await room.folder());
    // All are on one network here, which would be our site.
    const seeder = await room.seeder(brine, payload, torrent.path, { extra: ['--super-seed', '--no-sites'] });
    await seeder.ready();
    await tracker.peers(torrent.infoHash);
    const clients = [libtorrent, libtorrent, transmission, transmission];
    const leechers = await Promise.all(clients.map((each) => room.leecher(each, torrent.path)));
    await Promise.all(leechers.map((leecher) => leecher.complete(150_000)));
    for (const leecher of leechers) await expectSame(leecher, payload);
    await seeder.stop();
    const events = seeder.program.lines.map(({ text }) => jsonLine(text));
    const last = events.findLast((line) => line?.['event'] === 'stopped');
    const uploaded = Number(last?.['uploadedBytes']) / BYTES;
    if (process.env['BRINE_SHOW'] !== undefined) console.log(`${uploaded} copies`);
    expect(uploaded).toBeGreaterThanOrEqual(1);
    expect(uploaded).toBeLessThan(1.2);
  }, 180_000);
});

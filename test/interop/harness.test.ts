import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { Client } from '../rig/peer.ts';
import { aria2 } from '../rig/peers/aria2.ts';
import { libtorrent } from '../rig/peers/libtorrent.ts';
import { transmission } from '../rig/peers/transmission.ts';
import { makeFile, makeFolder } from '../rig/payload.ts';
import { magnetOf, makeTorrent } from '../rig/torrent.ts';
import { Tracker, trackerUrls } from '../rig/tracker.ts';
import { startHandMade } from './peers/hand-made.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

/** Where these fail, the harness is wrong, or the machine: no program of ours takes part. */
describeInterop('the harness among other clients', () => {
  for (const [seeder, leecher] of [
    [libtorrent, aria2],
    [aria2, transmission],
    [transmission, libtorrent],
  ] satisfies [Client, Client][]) {
    test.concurrent(
      `${leecher.name} gets a folder and a file from ${seeder.name}`,
      async () => {
        await using room = await SwarmRoom.open();
        const host = await room.network.host();
        const urls = trackerUrls(host);
        const folder = await makeFolder(join(room.directory, 'a'), 'Ordner 設計 🧂', 200);
        const byFile = await makeTorrent('libtorrent', folder, join(room.directory, 'a.torrent'), 65_536, [
          urls.http,
        ]);
        const file = await makeFile(join(room.directory, 'b'), 'b.bin', 3_000_001);
        const byMagnet = await makeTorrent('libtorrent', file, join(room.directory, 'b.torrent'), 65_536, [
          urls.udp,
        ]);
        const tracker = await Tracker.start(host, [byFile.infoHash, byMagnet.infoHash], await room.folder());
        const transfers = [
          { payload: folder, torrent: byFile, source: byFile.path },
          { payload: file, torrent: byMagnet, source: magnetOf(byMagnet, [urls.udp]) },
        ].map(async ({ payload, torrent, source }) => {
          await (await room.seeder(seeder, payload, torrent.path)).ready();
          await tracker.peers(torrent.infoHash);
          await expectSame(await room.leecher(leecher, source), payload);
        });
        await Promise.all(transfers);
      },
      120_000,
    );
  }

  test.concurrent(
    'libtorrent gets a file from the hand-made seeder',
    async () => {
      await using room = await SwarmRoom.open();
      const payload = await makeFile(join(room.directory, 'seed'), 'c.bin', 5_000_001);
      const torrent = await makeTorrent('libtorrent', payload, join(room.directory, 'c.torrent'), 65_536, []);
      const host = await room.network.host();
      const seeder = await startHandMade('honest', host, payload, torrent, 10_000_000);
      const leecher = await room.leecher(libtorrent, torrent.path, { peers: [seeder.address] });
      await expectSame(leecher, payload);
      const served = seeder.witnessed().filter(({ event }) => event === 'served');
      expect(served.length).toBeGreaterThanOrEqual(Math.ceil(5_000_001 / 16_384));
    },
    60_000,
  );
});

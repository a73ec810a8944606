import { join } from 'node:path';

import { test } from 'vitest';

import { aria2 } from '../rig/peers/aria2.ts';
import { brine } from '../rig/peers/brine.ts';
import { libtorrent } from '../rig/peers/libtorrent.ts';
import { transmission } from '../rig/peers/transmission.ts';
import { makeFile } from '../rig/payload.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { Tracker, trackerUrls } from '../rig/tracker.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

const CLIENTS = [brine, libtorrent, aria2, transmission];

describeInterop('a swarm of all clients', () => {
  for (const client of CLIENTS) {
    test.concurrent(
      `one of each completes when ${client.name} is the only seeder`,
      async () => {
        await using room = await SwarmRoom.open();
        const payload = await makeFile(join(room.directory, 'seed'), 'swarm.bin', 32 * 1024 * 1024 + 1);
        const host = await room.network.host();
        const { http, udp } = trackerUrls(host);
        const torrent = await makeTorrent(
          client === brine ? 'brine' : 'libtorrent',
          payload,
          join(room.directory, 'x.torrent'),
          256 * 1024,
          [http, udp],
        );
        const tracker = await Tracker.start(host, [torrent.infoHash], await room.folder());
        await (await room.seeder(client, payload, torrent.path)).ready();
        await tracker.peers(torrent.infoHash);
        const leechers = await Promise.all(CLIENTS.map((each) => room.leecher(each, torrent.path)));
        await Promise.all(leechers.map((leecher) => leecher.complete(150_000)));
        for (const leecher of leechers) await expectSame(leecher, payload);
      },
      180_000,
    );
  }
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Client } from '../rig/peer.ts';
import { aria2 } from '../rig/peers/aria2.ts';
import { brine } from '../rig/peers/brine.ts';
import { libtorrent } from '../rig/peers/libtorrent.ts';
import { transmission } from '../rig/peers/transmission.ts';
import type { Payload } from '../rig/payload.ts';
import { makeFile, makeFolder } from '../rig/payload.ts';
import { magnetOf, makeTorrent } from '../rig/torrent.ts';
import { Tracker, trackerUrls } from '../rig/tracker.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

const PIECE_LENGTH = 128 * 1024;
const TIMEOUT = 150_000;

interface Pair {
  readonly seeder: Client;
  readonly leecher: Client;
}

const PAIRS: readonly Pair[] = [
  { seeder: brine, leecher: brine },
  ...[libtorrent, aria2, transmission].flatMap((other) => [
    { seeder: brine, leecher: other },
    { seeder: other, leecher: brine },
  ]),
];

describeInterop('two clients', () => {
  let directory = '';
  const payloads: Record<string, Payload> = {};

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'brine-payloads-'));
    payloads['one file'] = await makeFile(join(directory, 'file'), 'größe 24.bin', 24 * 1024 * 1024 + 12_345);
    payloads['a folder of 1,000 files'] = await makeFolder(join(directory, 'folder'), 'Ordner 設計 🧂', 1000);
  });

  afterAll(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  for (const { seeder, leecher } of PAIRS) {
    for (const kind of ['one file', 'a folder of 1,000 files']) {
      test.concurrent(
        `${leecher.name} gets ${kind} from ${seeder.name} by .torrent and HTTP tracker`,
        async () => {
          await transfer({ seeder, leecher }, payloadOf(kind), 'http');
        },
        TIMEOUT,
      );
      test.concurrent(
        `${leecher.name} gets ${kind} from ${seeder.name} by magnet and UDP tracker`,
        async () => {
          await transfer({ seeder, leecher }, payloadOf(kind), 'udp');
        },
        TIMEOUT,
      );
    }
  }

  for (const pair of PAIRS.filter(({ seeder, leecher }) => seeder.takesPeers && leecher.takesPeers)) {
    test.concurrent(
      `${pair.leecher.name} gets a file from ${pair.seeder.name} without a tracker`,
      async () => {
        await using room = await SwarmRoom.open();
        const payload = payloadOf('one file');
        const torrent = await makeTorrent(
          'libtorrent',
          payload,
          join(room.directory, 'x.torrent'),
          PIECE_LENGTH,
          [],
        );
        const seeder = await room.seeder(pair.seeder, payload, torrent.path);
        await seeder.ready();
        await expectSame(
          await room.leecher(pair.leecher, torrent.path, { peers: [seeder.address] }),
          payload,
        );
        await expectSame(await room.leecher(pair.leecher, magnetOf(torrent, [], [seeder.address])), payload);
      },
      TIMEOUT,
    );
  }

  /** The seeder's side makes the torrent, the leecher knows nothing but it, or but its magnet, and the tracker. */
  async function transfer(pair: Pair, payload: Payload, by: 'http' | 'udp'): Promise<void> {
    await using room = await SwarmRoom.open();
    const host = await room.network.host();
    const url = trackerUrls(host)[by];
    const maker = pair.seeder === brine ? 'brine' : 'libtorrent';
    const torrent = await makeTorrent(maker, payload, join(room.directory, 'x.torrent'), PIECE_LENGTH, [url]);
    const tracker = await Tracker.start(host, [torrent.infoHash], await room.folder());
    const seeder = await room.seeder(pair.seeder, payload, torrent.path);
    await seeder.ready();
    await tracker.peers(torrent.infoHash);
    const source = by === 'http' ? torrent.path : magnetOf(torrent, [url]);
    await expectSame(await room.leecher(pair.leecher, source), payload);
  }

  function payloadOf(kind: string): Payload {
    const payload = payloads[kind];
    expect(payload).toBeDefined();
    return payload as Payload;
  }
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { test } from 'vitest';

import { makeFile } from '../rig/payload.ts';
import type { Client } from '../rig/peer.ts';
import type { Host } from '../rig/private-network.ts';
import { brine } from '../rig/peers/brine.ts';
import { libtorrent } from '../rig/peers/libtorrent.ts';
import { transmission } from '../rig/peers/transmission.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

const PAIRS: readonly (readonly [Client, Client])[] = [
  [brine, brine],
  [brine, libtorrent],
  [libtorrent, brine],
  [brine, transmission],
  [transmission, brine],
];

describeInterop('local service discovery', () => {
  for (const [seeder, leecher] of PAIRS) {
    test.concurrent(
      `${seeder.name} hears of ${leecher.name}, a newcomer on its link, and dials it`,
      async () => {
        await using room = await SwarmRoom.open();
        const payload = await makeFile(join(room.directory, 'seed'), 'a.bin', 3_000_001);
        const torrent = await makeTorrent('brine', payload, join(room.directory, 'a.torrent'), 65_536, []);
        await (await room.seeder(seeder, payload, torrent.path, { lsd: true })).ready();
        // No tracker, no addresses, and the newcomer hears of nobody: only its own announce can bring them together.
        const host = await room.network.host({ deaf: true });
        await expectSame(await room.leecher(leecher, torrent.path, { lsd: true, host }), payload);
      },
      150_000,
    );
  }

  test.concurrent(
    'Brine finds Brine over IPv6 alone',
    async () => {
      await using room = await SwarmRoom.open();
      const payload = await makeFile(join(room.directory, 'seed'), 'a.bin', 3_000_001);
      const torrent = await makeTorrent('brine', payload, join(room.directory, 'a.torrent'), 65_536, []);
      const [one, other] = [await hostWith(room, 'fd77::1'), await hostWith(room, 'fd77::2')];
      await (await room.seeder(brine, payload, torrent.path, { lsd: true, host: one })).ready();
      await expectSame(await room.leecher(brine, torrent.path, { lsd: true, host: other }), payload);
    },
    120_000,
  );
});

/** A host on which Brine listens at an IPv6 address and nowhere else. */
async function hostWith(room: SwarmRoom, ip6: string): Promise<Host> {
  const host = await room.network.host();
  const [program = '', ...args] = host.prefix;
  await promisify(execFile)(program, [...args, 'ip', 'addr', 'add', `${ip6}/64`, 'dev', 'eth0', 'nodad']);
  return { ...host, ip: `[${ip6}]` };
}

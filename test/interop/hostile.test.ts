import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { brine, jsonLine } from '../rig/peers/brine.ts';
import { libtorrent } from '../rig/peers/libtorrent.ts';
import { digests, makeFile } from '../rig/payload.ts';
import { makeTorrent } from '../rig/torrent.ts';
import type { Behaviour } from './peers/hand-made-peer.ts';
import { startHandMade } from './peers/hand-made.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

const MIB = 1024 * 1024;

describeInterop('five peers, one corrupt and one stalling', () => {
  test('the download completes, the corrupt peer is banned, nothing is published before it is right', async () => {
    await using room = await SwarmRoom.open();
    const payload = await makeFile(join(room.directory, 'seed'), 'precious.bin', 32 * MIB + 77);
    const torrent = await makeTorrent(
      'libtorrent',
      payload,
      join(room.directory, 'x.torrent'),
      256 * 1024,
      [],
    );
    const handMade = async (behaviour: Behaviour, bytesPerSecond: number) =>
      startHandMade(behaviour, await room.network.host(), payload, torrent, bytesPerSecond);
    const corrupt = await handMade('corrupt', 8 * MIB);
    const stalling = await handMade('stalling', MIB);
    const honest = await Promise.all([handMade('honest', 3 * MIB), handMade('honest', 3 * MIB)]);
    const seeder = await room.seeder(libtorrent, payload, torrent.path);
    await seeder.ready();

    const [right] = (await digests(payload)).values();
    const peers = [corrupt, stalling, ...honest, seeder].map(({ address }) => address);
    const leecher = await room.leecher(brine, torrent.path, { peers, extra: ['--down', '12MiB'] });
    const complete = new AbortController();
    const watched = publishedContents(leecher.directory, payload.name, complete.signal);
    await leecher.complete(120_000);
    complete.abort();
    expect((await watched).filter((digest) => digest !== right)).toEqual([]);
    await expectSame(leecher, payload);

    const banned = leecher.program.lines
      .map(({ text }) => jsonLine(text))
      .filter((line) => line?.['code'] === 'peer-banned')
      .map((line) => String(line?.['message']));
    expect(banned.length).toBeGreaterThan(0);
    expect(banned.every((message) => message.includes(corrupt.ip))).toBe(true);
    const seen = corrupt.witnessed();
    expect(seen.filter(({ event }) => event === 'served').length).toBeGreaterThan(0);
    expect(seen.at(-1)?.event).toBe('closed');
    expect(stalling.witnessed().some(({ event }) => event === 'requested')).toBe(true);
  }, 150_000);
});

/** The digests of what stands under the final name, looked at again and again until `end`. */
async function publishedContents(
  directory: string,
  name: string,
  end: AbortSignal,
): Promise<readonly string[]> {
  const found = new Set<string>();
  while (!end.aborted) {
    if (existsSync(join(directory, name)))
      for (const digest of (await digests({ directory, name })).values()) found.add(digest);
    await delay(20);
  }
  return [...found];
}

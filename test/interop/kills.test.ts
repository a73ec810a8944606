import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { brine } from '../rig/peers/brine.ts';
import { makeFile, makeFolder } from '../rig/payload.ts';
import type { TorrentFile } from '../rig/torrent.ts';
import { makeTorrent } from '../rig/torrent.ts';
import type { Witness } from './peers/hand-made-peer.ts';
import { startHandMade } from './peers/hand-made.ts';
import { describeInterop } from './requirements.ts';
import { SwarmRoom, expectSame } from './swarm-room.ts';

/** Kills of leechers in all; the full suite has 100. Half of them hit slow downloads, half fast ones. */
const KILLS = Number(process.env['BRINE_KILLS'] ?? 10);
const SEEDER_KILLS = Math.max(4, Math.round(KILLS / 5));
const STREAMS = KILLS > 20 ? 2 : 1;
const KILLS_PER_STREAM = Math.ceil(KILLS / 2 / STREAMS);

const MIB = 1024 * 1024;
const BLOCK_LENGTH = 16 * 1024;
const SLOW_LIFE_MS = 11_000;
const FAST_LIFE_MS = 1500;
/** What may be lost by a kill: the promise. */
const LOSS_MS = 5000;
/** From the last block's last byte leaving the witness to the piece being verified at the leecher: buffers, hashing, a busy machine. */
const VERIFY_MS = 1000;
const LONG = 60_000 + KILLS_PER_STREAM * (SLOW_LIFE_MS + 3000) + SEEDER_KILLS * 4000;

describeInterop('kill -9', () => {
  for (let stream = 1; stream <= STREAMS; stream += 1) {
    test.concurrent(
      `a slow download resumes after each of ${KILLS_PER_STREAM} kills and fetches no piece again that was older than 5 s (${stream})`,
      async () => {
        await using room = await SwarmRoom.open();
        const payload = await makeFile(join(room.directory, 'seed'), 'slow.bin', 48 * MIB + 5, stream);
        const torrent = await makeTorrent(
          'libtorrent',
          payload,
          join(room.directory, 'x.torrent'),
          65_536,
          [],
        );
        const rate = Math.floor((48 * MIB) / (KILLS_PER_STREAM * 7));
        const slow = await startHandMade('honest', await room.network.host(), payload, torrent, rate);
        const place = {
          host: await room.network.host(),
          state: await room.folder(),
          directory: await room.folder(),
        };
        const killedAt: number[] = [];
        for (let kill = 0; kill < KILLS_PER_STREAM; kill += 1) {
          const leecher = await room.leecher(brine, torrent.path, { ...place, peers: [slow.address] });
          await delay(randomInt(SLOW_LIFE_MS));
          await leecher.program.kill();
          killedAt.push(Date.now());
        }
        const fast = await startHandMade('honest', await room.network.host(), payload, torrent, 100 * MIB);
        const last = await room.leecher(brine, torrent.path, { ...place, peers: [fast.address] });
        await expectSame(last, payload);
        const witnessed = [...slow.witnessed(), ...fast.witnessed()];
        expect(fetchedAgain(witnessed, killedAt, torrent)).toEqual([]);
      },
      LONG,
    );

    test.concurrent(
      `a fast download of many files survives ${KILLS_PER_STREAM} kills, also while it publishes (${stream})`,
      async () => {
        await using room = await SwarmRoom.open();
        const payload = await makeFolder(join(room.directory, 'seed'), 'fast', 400);
        await makeFile(join(payload.directory, payload.name), 'large.bin', 48 * MIB, stream);
        const torrent = await makeTorrent(
          'libtorrent',
          payload,
          join(room.directory, 'x.torrent'),
          262_144,
          [],
        );
        const seeder = await room.seeder(brine, payload, torrent.path);
        await seeder.ready();
        const host = await room.network.host();
        let place = { host, state: await room.folder(), directory: await room.folder() };
        for (let kill = 0; kill < KILLS_PER_STREAM; kill += 1) {
          const leecher = await room.leecher(brine, torrent.path, { ...place, peers: [seeder.address] });
          await delay(randomInt(FAST_LIFE_MS));
          const complete = leecher.program.lines.some(({ text }) => text.includes('"complete"'));
          await leecher.program.kill();
          if (!complete) continue;
          await expectSame(leecher, payload);
          place = { host, state: await room.folder(), directory: await room.folder() };
        }
        const last = await room.leecher(brine, torrent.path, { ...place, peers: [seeder.address] });
        await expectSame(last, payload);
      },
      LONG,
    );
  }

  test.concurrent(
    `a download completes although its only seeder is killed ${SEEDER_KILLS} times`,
    async () => {
      await using room = await SwarmRoom.open();
      const payload = await makeFile(join(room.directory, 'seed'), 'seeder.bin', 48 * MIB + 3);
      const torrent = await makeTorrent(
        'libtorrent',
        payload,
        join(room.directory, 'x.torrent'),
        262_144,
        [],
      );
      const seederHost = await room.network.host();
      const leecherHost = await room.network.host();
      const seederState = await room.folder();
      const seed = () =>
        room.seeder(brine, payload, torrent.path, {
          host: seederHost,
          state: seederState,
          peers: [`${leecherHost.ip}:21000`],
        });
      const rate = Math.floor((48 * 1024) / (SEEDER_KILLS * 2));
      const leecher = await room.leecher(brine, torrent.path, {
        host: leecherHost,
        peers: [`${seederHost.ip}:21000`],
        extra: ['--down', `${rate}KiB`],
      });
      let seeder = await seed();
      for (let kill = 0; kill < SEEDER_KILLS; kill += 1) {
        await delay(randomInt(4000));
        await seeder.program.kill();
        seeder = await seed();
      }
      await expectSame(leecher, payload, 90_000);
      // Each kill may cost the blocks that were on their way, nothing that was whole.
      const received = await leecherHost.receivedBytes();
      expect(received).toBeLessThan(1.1 * 48 * MIB + SEEDER_KILLS * 2 * MIB);
    },
    LONG,
  );
});

/** Pieces that a leecher asked for again although they had been whole for longer than a kill may cost. */
function fetchedAgain(
  witnessed: readonly Witness[],
  killedAt: readonly number[],
  torrent: TorrentFile,
): readonly string[] {
  const total = torrent.files.reduce((sum, { length }) => sum + length, 0);
  const served = new Map<string, Set<number>>();
  const wholeAt = new Map<number, number>();
  const found: string[] = [];
  const byTime = witnessed.flatMap((each) => (each.event === 'ready' ? [] : [each]));
  byTime.sort((a, b) => a.at - b.at);
  for (const each of byTime) {
    if (each.event !== 'served' && each.event !== 'requested') continue;
    const { piece, begin, connection, at } = each;
    if (each.event === 'served') {
      const key = `${connection} ${piece}`;
      const blocks = served.get(key) ?? new Set();
      served.set(key, blocks.add(begin));
      const size = Math.min(torrent.pieceLength, total - piece * torrent.pieceLength);
      if (blocks.size === Math.ceil(size / BLOCK_LENGTH) && !wholeAt.has(piece)) wholeAt.set(piece, at);
    } else {
      const whole = wholeAt.get(piece);
      if (whole === undefined) continue;
      // The first kill after it was whole: if that one may have cost it, the request may come after any later one.
      const kill = killedAt.find((time) => time > whole);
      if (kill === undefined || kill > at) continue;
      if (kill - whole > LOSS_MS + VERIFY_MS)
        found.push(`piece ${piece}, whole ${kill - whole} ms before the kill`);
      else wholeAt.delete(piece);
    }
  }
  return found;
}

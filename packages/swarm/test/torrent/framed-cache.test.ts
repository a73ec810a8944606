import { describe, expect, it } from 'vitest';

import { MemoryStorage } from '@brine/piece-store';
import type { PieceStore } from '@brine/piece-store';
import { NodeHasher } from '@brine/piece-store/node';
import { PeerProtocol } from '@brine/wire';

import { FRAME_LENGTH, FramedCache, RUN_LENGTH } from '../../src/torrent/framed-cache.ts';
import type { FramedRun } from '../../src/torrent/framed-cache.ts';

const PIECE_LENGTH = 2 * RUN_LENGTH;
const content = Uint8Array.from({ length: PIECE_LENGTH + 20_000 }, (_, at) => (at * 31) % 251);
const RUNS_MIN = 4;

/** A seeded store, and what it has put off. */
async function seeded(): Promise<{ store: PieceStore; settle: () => void }> {
  const hasher = new NodeHasher();
  const pieces = [content.subarray(0, PIECE_LENGTH), content.subarray(PIECE_LENGTH)];
  const layout = {
    name: 'payload',
    folder: false,
    pieceLength: PIECE_LENGTH,
    pieceCount: 2,
    totalLength: content.length,
    pieceHashes: Buffer.concat(pieces.map((piece) => hasher.digest('sha1', piece))),
    files: [
      {
        path: ['payload'],
        length: content.length,
        offset: 0,
        padding: false,
        executable: false,
        hidden: false,
      },
    ],
  };
  const later: (() => void)[] = [];
  const storage = new MemoryStorage({ defer: (task) => void later.push(task), hasher });
  storage.place('/', layout, content);
  const opening = storage.open({ id: '00'.repeat(20), layout, directory: '/', mode: 'seed' });
  for (let turn = 0; turn < 10; turn += 1) {
    for (const task of later.splice(0)) task();
    await Promise.resolve();
  }
  const store = await opening;
  return {
    store,
    settle: () => {
      for (const task of later.splice(0)) task();
    },
  };
}

const unexpected = (error: Error): void => {
  throw error;
};

function runOf(cache: FramedCache, store: PieceStore, piece: number, begin: number): FramedRun {
  const length = Math.min(PIECE_LENGTH, content.length - piece * PIECE_LENGTH);
  const run = cache.run('torrent', store, length, piece, begin, unexpected);
  if (run === undefined) throw new Error('no room');
  return run;
}

describe('The framed cache', () => {
  it('keeps blocks exactly as they go over the wire', async () => {
    const { store, settle } = await seeded();
    const run = runOf(new FramedCache(0), store, 1, 16_384);
    expect(run.state).toBe('loading');
    settle();
    expect(run.state).toBe('ready');
    const reader = new PeerProtocol({
      initiator: false,
      peerId: new Uint8Array(20),
      geometry: { pieceCount: 2, pieceLength: PIECE_LENGTH, totalLength: content.length },
    });
    const writer = new PeerProtocol({
      initiator: true,
      peerId: new Uint8Array(20),
      infoHash: new Uint8Array(20),
    });
    writer.handshake();
    reader.receive(writer.takeOutput()!);
    reader.bind({ infoHash: new Uint8Array(20) });
    const end = run.frameAt(16_384) + FRAME_LENGTH - 16_384 + run.blockLength(16_384);
    const blocks = reader.receive(run.bytes.subarray(0, end)).filter((event) => event.type === 'block');
    expect(blocks.map(({ piece, begin, length }) => [piece, begin, length])).toEqual([
      [1, 0, 16_384],
      [1, 16_384, 20_000 - 16_384],
    ]);
    for (const { begin, bytes } of blocks) {
      expect(bytes).toEqual(content.subarray(PIECE_LENGTH + begin, PIECE_LENGTH + begin + bytes.length));
    }
  });

  it('gives the same run to everybody who asks within it', async () => {
    const { store, settle } = await seeded();
    const cache = new FramedCache(0);
    const run = runOf(cache, store, 0, 0);
    settle();
    expect(runOf(cache, store, 0, RUN_LENGTH - 16_384)).toBe(run);
    expect(runOf(cache, store, 0, RUN_LENGTH)).not.toBe(run);
  });

  it('has no room while all runs are in use, and calls back when one is not any more', async () => {
    const { store, settle } = await seeded();
    const cache = new FramedCache(0);
    const pin = (torrent: number): FramedRun => {
      const run = cache.run(`torrent ${torrent}`, store, PIECE_LENGTH, 0, 0, unexpected);
      if (run === undefined) throw new Error('no room');
      run.pins += 1;
      return run;
    };
    const pinned = pin(0);
    for (let torrent = 1; torrent < RUNS_MIN; torrent += 1) pin(torrent);
    settle();
    expect(cache.run('torrent 9', store, PIECE_LENGTH, 0, 0, unexpected)).toBeUndefined();
    let woken = false;
    cache.whenRoom(() => {
      woken = true;
    });
    cache.unpin(pinned);
    expect(woken).toBe(true);
    const next = cache.run('torrent 9', store, PIECE_LENGTH, 0, 0, unexpected);
    expect(next?.bytes).toBe(pinned.bytes);
  });

  it('forgets a torrent, also runs that are still in use', async () => {
    const { store, settle } = await seeded();
    const cache = new FramedCache(0);
    const run = runOf(cache, store, 0, 0);
    cache.forget('torrent');
    settle();
    expect(runOf(cache, store, 0, 0)).not.toBe(run);
  });
});

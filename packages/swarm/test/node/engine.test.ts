import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { hashPayload } from '@brine/piece-store/node';
import type { Engine, EngineEvents } from '@brine/swarm';
import { createNodeEngine } from '@brine/swarm/node';
import { encodeInfo, encodeMetainfo } from '@brine/wire';

const LOOPBACK = { ip: '127.0.0.1', port: 0 };
const FILES = { 'large.bin': 3_000_000, 'sub/small.bin': 5, 'sub/medium.bin': 700_000 };

let home: string;
let engines: Engine[];
let metainfo: Uint8Array;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'brine-engine-'));
  engines = [];
  await mkdir(join(home, 'seed/payload/sub'), { recursive: true });
  for (const [name, length] of Object.entries(FILES))
    await writeFile(join(home, 'seed/payload', name), contentOf(name, length));
  const { layout } = await hashPayload(join(home, 'seed/payload'), { pieceLength: 65_536 });
  metainfo = encodeMetainfo({ infoBytes: encodeInfo({ ...layout, private: false }) });
});

afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  await rm(home, { recursive: true, force: true });
});

function contentOf(name: string, length: number): Uint8Array {
  const block = createHash('sha512').update(name).digest();
  return Uint8Array.from({ length }, (_, at) => (block[at % 64] ?? 0) ^ (at >> 6));
}

function makeEngine(): Engine {
  const engine = createNodeEngine();
  engines.push(engine);
  return engine;
}

/** Resolves with the next fact of a kind; listens from the call on. */
function next<Name extends keyof EngineEvents>(
  engine: Engine,
  name: Name,
): Promise<Parameters<EngineEvents[Name]>[0]> {
  return new Promise((resolve) => {
    (engine as { once(name: string, told: (fact: Parameters<EngineEvents[Name]>[0]) => void): unknown }).once(
      name,
      resolve,
    );
  });
}

/** A seeding engine and one that has fetched everything from it. */
async function fetched(): Promise<{
  seeder: Engine;
  leecher: Engine;
  id: string;
  seederAddress: { ip: string; port: number };
}> {
  const seeder = makeEngine();
  const seederAddress = await seeder.listen(LOOPBACK);
  const seeding = next(seeder, 'torrent-complete');
  seeder.add({ metainfo, directory: join(home, 'seed'), mode: 'seed' });
  await seeding;
  const leecher = makeEngine();
  const complete = next(leecher, 'torrent-complete');
  const id = leecher.add({ metainfo, directory: join(home, 'leech'), peers: [seederAddress] });
  await complete;
  return { seeder, leecher, id, seederAddress };
}

async function expectPayload(directory: string): Promise<void> {
  for (const [name, length] of Object.entries(FILES)) {
    const bytes = new Uint8Array(await readFile(join(directory, 'payload', name)));
    expect(Buffer.compare(bytes, contentOf(name, length))).toBe(0);
  }
}

describe('An engine on sockets and files', () => {
  it('fetches a payload from another, byte for byte', async () => {
    const { leecher, id } = await fetched();
    await expectPayload(join(home, 'leech'));
    const snapshot = leecher.torrent(id);
    expect(snapshot).toMatchObject({ phase: 'seeding', complete: true, error: undefined, wastedBytes: 0 });
    expect(snapshot?.bytesDone).toBe(snapshot?.bytesTotal);
  });

  it('verifies, and fetches again what somebody has damaged', async () => {
    const { leecher, id } = await fetched();
    await writeFile(join(home, 'leech/payload/sub/medium.bin'), new Uint8Array(700_000));
    const again = next(leecher, 'torrent-complete');
    await leecher.verify(id);
    await again;
    await expectPayload(join(home, 'leech'));
  });

  it('moves a payload and goes on serving it from there', async () => {
    const { leecher, seeder, id } = await fetched();
    const address = await leecher.listen(LOOPBACK);
    await seeder.close();
    await leecher.move(id, join(home, 'moved'));
    await expectPayload(join(home, 'moved'));
    expect(leecher.torrent(id)?.directory).toBe(join(home, 'moved'));
    const third = makeEngine();
    const complete = next(third, 'torrent-complete');
    third.add({ metainfo, directory: join(home, 'third'), peers: [address] });
    await complete;
    await expectPayload(join(home, 'third'));
  });

  it('forgets a torrent with its data, and nothing that it did not make', async () => {
    const { leecher, id } = await fetched();
    await writeFile(join(home, 'leech/payload/foreign.txt'), 'not ours');
    await leecher.remove(id, { data: true });
    expect(leecher.torrent(id)).toBeUndefined();
    expect(await readdir(join(home, 'leech/payload'))).toEqual(['foreign.txt']);
  });

  it('forgets a torrent and leaves its data', async () => {
    const { leecher, id } = await fetched();
    await leecher.remove(id, { data: false });
    await expectPayload(join(home, 'leech'));
  });

  it('is off the network while paused, and goes on where it was', async () => {
    const { leecher, seeder, id, seederAddress } = await fetched();
    await leecher.remove(id, { data: true });
    leecher.add({ metainfo, directory: join(home, 'later'), peers: [seederAddress], paused: true });
    expect(leecher.torrent(id)?.phase).toBe('paused');
    expect(seeder.torrent(id)?.peers).toEqual([]);
    const complete = next(leecher, 'torrent-complete');
    leecher.resume(id);
    await complete;
    await expectPayload(join(home, 'later'));
  });

  it('fetches the chosen files and publishes no others, until they are chosen too', async () => {
    const { leecher, id, seederAddress } = await fetched();
    await leecher.remove(id, { data: true });
    const order = ['large.bin', 'sub/medium.bin', 'sub/small.bin'];
    const some = next(leecher, 'torrent-complete');
    leecher.add({
      metainfo,
      directory: join(home, 'some'),
      peers: [seederAddress],
      filePriorities: order.map((name) => (name === 'sub/medium.bin' ? 1 : 0)),
    });
    await some;
    expect(await readdir(join(home, 'some/payload'))).toEqual(['sub']);
    expect((await stat(join(home, 'some/payload/sub/medium.bin'))).size).toBe(700_000);
    expect(leecher.torrent(id)).toMatchObject({ bytesTotal: 700_000, bytesDone: 700_000 });
    // Its first and last piece hold something of the neighbours, too.
    expect(leecher.fileBytesDone(id)).toEqual([3_000_000 % 65_536, 700_000, 5]);
    const all = next(leecher, 'torrent-complete');
    await leecher.setFilePriorities(id, [1, 1, 1]);
    await all;
    await expectPayload(join(home, 'some'));
  });

  it('refuses what it cannot read any more, and stays awake', async () => {
    const seeder = makeEngine();
    const address = await seeder.listen(LOOPBACK);
    const seeding = next(seeder, 'torrent-complete');
    const id = seeder.add({ metainfo, directory: join(home, 'seed'), mode: 'seed' });
    await seeding;
    await rm(join(home, 'seed'), { recursive: true });
    const trouble = next(seeder, 'trouble');
    const leecher = makeEngine();
    leecher.add({ metainfo, directory: join(home, 'leech'), peers: [address] });
    expect((await trouble).error.code).toBe('file-missing');
    // The loop goes round: what comes by socket, disk and timer still arrives.
    const left = next(seeder, 'peer-disconnected');
    await leecher.close();
    await left;
    expect(seeder.torrent(id)).toMatchObject({ phase: 'failed', uploadedBytes: 0 });
  });

  it('refuses orders about torrents that are not here, twice the same, and after it is closed', async () => {
    const engine = makeEngine();
    const order = { metainfo, directory: join(home, 'x'), paused: true };
    engine.add(order);
    expect(() => engine.add(order)).toThrow(/already here/);
    expect(() => engine.pause('ff'.repeat(20))).toThrow(/no torrent/);
    await expect(engine.verify('ff'.repeat(20))).rejects.toThrow(/no torrent/);
    await expect(engine.listen({ ip: '192.0.2.77', port: 1 })).rejects.toMatchObject({
      code: 'listen-failed',
    });
    await engine.close();
    expect(() => engine.add(order)).toThrow(/closed/);
  });
});

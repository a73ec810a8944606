import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { hashPayload } from '@brine/piece-store/node';
import { createNodeEngine } from '@brine/swarm/node';
import { encodeInfo, encodeMetainfo } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

/** A small payload, so that the examples have something to bring from one place to another without being told. */
export interface Sample {
  /** The directory in which the payload stands. */
  readonly origin: string;
  /** An empty directory to fetch it into. */
  readonly destination: string;
  /** The bytes of its `.torrent` file. */
  readonly metainfo: Uint8Array;
  /** Deletes everything. */
  remove(): Promise<void>;
}

/** Makes a folder of two files in a temporary directory, and describes it. */
export async function makeSample(): Promise<Sample> {
  const root = await mkdtemp(join(tmpdir(), 'brine-example-'));
  const origin = join(root, 'origin');
  const folder = join(origin, 'sample');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'hello.txt'), 'hello');
  await writeFile(join(folder, 'noise.bin'), randomBytes(3_000_000));
  const { layout } = await hashPayload(folder);
  return {
    origin,
    destination: join(root, 'destination'),
    metainfo: encodeMetainfo({ infoBytes: encodeInfo(layout) }),
    remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Serves a sample from an engine of its own, in this process. */
export async function seedSample(
  sample: Sample,
): Promise<{ address: PeerAddress; close: () => Promise<void> }> {
  const engine = createNodeEngine();
  const address = await engine.listen({ ip: '127.0.0.1', port: 0 });
  engine.add({ metainfo: sample.metainfo, directory: sample.origin, mode: 'seed' });
  return { address, close: () => engine.close() };
}

/** Fetches a sample from a seeder with an engine of its own, in this process; resolves when everything is there. */
export async function fetchSample(sample: Sample, seeder: PeerAddress): Promise<void> {
  const engine = createNodeEngine();
  const complete = new Promise((resolve) => engine.once('torrent-complete', resolve));
  engine.add({ metainfo: sample.metainfo, directory: sample.destination, peers: [seeder] });
  await complete;
  await engine.close();
}

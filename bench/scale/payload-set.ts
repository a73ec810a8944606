import { createCipheriv } from 'node:crypto';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { BenchTorrent } from '../torrent.ts';
import { torrentOfFile, torrentOfZeros } from '../torrent.ts';

/** A payload of one file, as it is ordered. */
export interface BenchPayload {
  readonly name: string;
  readonly bytes: number;
  readonly torrent: BenchTorrent;
}

const SMALL_PIECE = 64 * 1024;

/** Files of bytes that look random, written to `directory`. */
export async function smallPayloads(
  directory: string,
  count: number,
  bytes: number,
): Promise<readonly BenchPayload[]> {
  await mkdir(directory, { recursive: true });
  const payloads: BenchPayload[] = [];
  for (let number = 0; number < count; number += 1) {
    const name = `small-${String(number).padStart(4, '0')}`;
    const key = Buffer.alloc(16);
    key.writeUInt32BE(number);
    const noise = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
    await writeFile(join(directory, name), noise);
    payloads.push({ name, bytes, torrent: await torrentOfFile(join(directory, name), name, SMALL_PIECE) });
  }
  return payloads;
}

/** Files of zeros, one hole each, in `directory`: they cost a reader nothing but hashing, and a writer what any bytes cost. */
export async function zeroPayloads(
  directory: string,
  names: readonly string[],
  bytes: number,
  pieceLength: number,
): Promise<readonly BenchPayload[]> {
  await mkdir(directory, { recursive: true });
  for (const name of names) {
    await writeFile(join(directory, name), '');
    await truncate(join(directory, name), bytes);
  }
  return names.map((name) => ({
    name,
    bytes,
    torrent: torrentOfZeros(name, Math.ceil(bytes / pieceLength), pieceLength),
  }));
}

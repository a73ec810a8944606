import { createHash, randomFillSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { PayloadLayout, PieceStore, Storage } from '@brine/piece-store';
import { createFileStorage } from '@brine/piece-store/node';

import type { BenchOptions } from './options.ts';
import { KIB, MIB } from './options.ts';
import { scratch } from './payload.ts';
import { median, short } from './table.ts';
import type { Table } from './table.ts';

const READS_AT_ONCE = 4;

/** The store's three paths, in one process, into and out of the page cache. */
export async function store(options: BenchOptions): Promise<readonly Table[]> {
  const rows: (readonly string[])[] = [];
  for (const pieceLength of [256 * KIB, MIB]) {
    const runs: (readonly number[])[] = [];
    for (let i = 0; i < options.runs; i += 1) runs.push(await measure(options.bytes, pieceLength));
    const rates = [0, 1, 2].map((column) =>
      short(options.bytes / 1e6 / median(runs.map((run) => run[column] ?? Number.NaN))),
    );
    rows.push([`${pieceLength / KIB} KiB`].concat(rates));
  }
  return [
    {
      title: `Store, ${options.bytes / MIB} MiB, MB/s, median of ${options.runs}`,
      columns: ['pieces', 'fill, hash, write, publish', 'read', 'verify'],
      rows,
    },
  ];
}

/** Seconds for writing, reading and verifying everything. */
async function measure(bytes: number, pieceLength: number): Promise<readonly number[]> {
  const directory = await mkdtemp(join(await scratch(), 'store-'));
  const storage = createFileStorage();
  try {
    const piece = randomFillSync(new Uint8Array(pieceLength));
    const opened = await storage.open({
      id: '0'.repeat(40),
      layout: layoutOf(piece, bytes / pieceLength),
      directory,
      mode: 'download',
    });
    const seconds = [
      await timed(() => writeAll(opened, piece)),
      await timed(() => readAll(opened)),
      await timed(() => opened.verify()),
    ];
    await opened.close();
    return seconds;
  } finally {
    await closeAndRemove(storage, directory);
  }
}

async function closeAndRemove(storage: Storage, directory: string): Promise<void> {
  await storage.close();
  await rm(directory, { recursive: true, force: true });
}

/** A file in which every piece is the same. */
function layoutOf(piece: Uint8Array, pieceCount: number): PayloadLayout {
  const hash = createHash('sha1').update(piece).digest();
  const totalLength = piece.length * pieceCount;
  const name = 'store.bin';
  const file = {
    path: [name],
    length: totalLength,
    offset: 0,
    padding: false,
    executable: false,
    hidden: false,
  };
  const pieceHashes = Buffer.concat(Array.from({ length: pieceCount }, () => hash));
  return {
    name,
    folder: false,
    pieceLength: piece.length,
    pieceCount,
    totalLength,
    pieceHashes,
    files: [file],
  };
}

/** Lends, fills and commits as the engine does: whenever the pool has room. */
async function writeAll(store: PieceStore, content: Uint8Array): Promise<void> {
  const { pieceCount } = store.layout;
  await new Promise<void>((resolve, reject) => {
    let next = 0;
    let stored = 0;
    const fill = (): void => {
      while (next < pieceCount) {
        const buffer = store.borrow(next);
        if (buffer === undefined) return;
        next += 1;
        buffer.bytes.set(content);
        store.commit(buffer, {}, (outcome) => {
          stored += 1;
          if (outcome.type !== 'stored') reject(new Error(`piece ${outcome.type}`));
          else if (stored === pieceCount) resolve();
          else fill();
        });
      }
    };
    fill();
  });
  await store.publish();
}

async function readAll(store: PieceStore): Promise<void> {
  const { pieceCount, pieceLength } = store.layout;
  let next = 0;
  const readOn = async (): Promise<void> => {
    const target = new Uint8Array(pieceLength);
    for (let piece = next++; piece < pieceCount; piece = next++) await read(store, piece, target);
  };
  await Promise.all(Array.from({ length: READS_AT_ONCE }, readOn));
}

function read(store: PieceStore, piece: number, target: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    store.read(piece, 0, [target], (error) => (error === undefined ? resolve() : reject(error)));
  });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

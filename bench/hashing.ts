import { createHash, randomFillSync } from 'node:crypto';

import { NodeHasher } from '@brine/piece-store/node';
import { hash as plainSha256 } from 'fast-sha256';
import { Bench } from 'tinybench';

import type { BenchOptions } from './options.ts';
import { KIB, MIB } from './options.ts';
import { short } from './table.ts';
import type { Table } from './table.ts';
import { megabytesPerSecond } from './throughput.ts';

const BATCH = 8;

/** Digests per second by piece size, in MB/s: on this thread, on worker threads, by WebCrypto, in plain JavaScript. */
export async function hashing({ quick }: BenchOptions): Promise<readonly Table[]> {
  const hasher = new NodeHasher();
  const sizes = quick ? [16 * KIB, 256 * KIB] : [16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
  const columns: string[][] = [];
  try {
    for (const size of sizes) {
      // Shared memory, as in the engine: no copy on the way to a worker.
      const pieces = Array.from({ length: BATCH }, () => new Uint8Array(new SharedArrayBuffer(size)));
      for (const piece of pieces) randomFillSync(piece);
      const [piece = new Uint8Array()] = pieces;
      const own = piece.slice();
      const bench = new Bench({ time: quick ? 30 : 400, warmupTime: quick ? 5 : 100 });
      bench
        .add('node:crypto SHA-1', () => void createHash('sha1').update(piece).digest())
        .add('node:crypto SHA-256', () => void createHash('sha256').update(piece).digest())
        .add(`worker threads SHA-1, ${BATCH} pieces at once`, () => hasher.digestAll('sha1', pieces))
        .add('WebCrypto SHA-1', () => crypto.subtle.digest('SHA-1', own))
        .add('fast-sha256', () => void plainSha256(own));
      await bench.run();
      columns.push(
        bench.tasks.map((task) =>
          short(megabytesPerSecond(task, task.name.includes('worker') ? size * BATCH : size)),
        ),
      );
      if (size === sizes[0]) columns.unshift(bench.tasks.map(({ name }) => name));
    }
  } finally {
    await hasher.close();
  }
  const [names = [], ...values] = columns;
  return [
    {
      title: 'Hashing, MB/s',
      columns: ['digest', ...sizes.map((size) => (size < MIB ? `${size / KIB} KiB` : `${size / MIB} MiB`))],
      rows: names.map((name, i) => [name].concat(values.map((column) => column[i] ?? '-'))),
    },
  ];
}

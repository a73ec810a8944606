import { availableParallelism } from 'node:os';
import { pieceHashAt, pieceLengthAt } from '../piece-geometry.ts';
import type { VerifyOptions } from '../piece-store.ts';
import { DiskPool } from './disk-pool.ts';
import type { FileTable } from './file-table.ts';

/** Bytes a job: enough that handing it over costs nothing, little enough that progress moves. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Files a job: with tiny files it is opening that takes time. */
const BATCH_PIECES = 64;

export interface CheckerOptions {
  /** Default: the number of cores. */
  readonly workersMax?: number | undefined;
}

/**
 * Hashes what lies on disk, on all cores, with threads of its own, so that other payloads of the storage go on undisturbed; they give
 * way to everything else. All checks of a storage share them (a thousand payloads that are opened at once would start two thousand) and
 * take turns; the threads end with the last check.
 */
export class Checker {
  readonly #workersMax: number;
  #pool: DiskPool | undefined;
  /** Checks under way. */
  #users = 0;

  constructor({ workersMax }: CheckerOptions = {}) {
    this.#workersMax = workersMax ?? availableParallelism();
  }

  /** Tells each piece's verdict. When `signal` aborts, the rest is left unchecked. Rejects with `StoreError`. */
  async check(
    table: FileTable,
    pieces: readonly number[],
    verdict: (piece: number, right: boolean) => void,
    options: VerifyOptions = {},
  ): Promise<void> {
    if (pieces.length === 0) return;
    this.#users += 1;
    this.#pool ??= new DiskPool({ workersMax: this.#workersMax, givesWay: true });
    try {
      await this.#checkWith(this.#pool, table, pieces, verdict, options);
    } finally {
      this.#users -= 1;
      if (this.#users === 0) await this.close();
    }
  }

  /** Ends the threads; checks under way reject with `closed`. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await pool?.close();
  }

  async #checkWith(
    pool: DiskPool,
    table: FileTable,
    pieces: readonly number[],
    verdict: (piece: number, right: boolean) => void,
    options: VerifyOptions,
  ): Promise<void> {
    const batches = cutIntoBatches(table, pieces);
    let piecesChecked = 0;
    const lane = async (): Promise<void> => {
      for (let next = batches.next(); next.done !== true; next = batches.next()) {
        if (options.signal?.aborted === true) return;
        const batch = next.value;
        const job = {
          type: 'check' as const,
          pieces: batch.map((piece) => ({
            expected: Buffer.from(pieceHashAt(table.layout, piece)).toString('hex'),
            extents: table.jobExtents(piece),
          })),
        };
        const right = await pool.run<'check'>(job, BATCH_BYTES);
        batch.forEach((piece, index) => verdict(piece, right[index] === 1));
        piecesChecked += batch.length;
        options.onProgress?.({ piecesChecked, piecesTotal: pieces.length });
      }
    };
    try {
      await Promise.all(Array.from({ length: this.#workersMax * 2 }, lane));
    } finally {
      // If one lane failed, the others need not go on.
      batches.return(undefined);
    }
  }
}

function* cutIntoBatches(table: FileTable, pieces: readonly number[]): Generator<number[], undefined> {
  let batch: number[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    batch.push(piece);
    bytes += pieceLengthAt(table.layout, piece);
    if (bytes < BATCH_BYTES && batch.length < BATCH_PIECES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

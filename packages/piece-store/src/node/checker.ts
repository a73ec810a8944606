import { availableParallelism } from 'node:os';
import { pieceHashAt, pieceLengthAt } from '../piece-geometry.ts';
import type { VerifyOptions } from '../piece-store.ts';
import { DiskPool } from './disk-pool.ts';
import type { FileTable } from './file-table.ts';

/** Bytes a job: enough that handing it over costs nothing, little enough that progress moves. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Files a job: with tiny files it is opening that takes time. */
const BATCH_PIECES = 64;

/**
 * Hashes `pieces` as they lie on disk, on all cores, with threads of its own that end with it, so that other payloads of the
 * storage go on undisturbed. Tells each piece's verdict. When `signal` aborts, the rest is left unchecked.
 */
export async function checkOnDisk(
  table: FileTable,
  pieces: readonly number[],
  verdict: (piece: number, right: boolean) => void,
  options: VerifyOptions & { readonly workersMax?: number | undefined } = {},
): Promise<void> {
  if (pieces.length === 0) return;
  const workersMax = options.workersMax ?? availableParallelism();
  const pool = new DiskPool({ workersMax });
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
    await Promise.all(Array.from({ length: workersMax * 2 }, lane));
  } finally {
    await pool.close();
  }
}

function* cutIntoBatches(table: FileTable, pieces: readonly number[]): Generator<number[]> {
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

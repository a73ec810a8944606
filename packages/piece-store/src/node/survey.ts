import type { DiskPool } from './disk-pool.ts';
import type { FileTable } from './file-table.ts';
import type { Place } from './places.ts';

/** Paths a job: long lists are posted in parts, so that the main thread is never held up by one. */
const PATHS_PER_JOB = 2000;

/** What one file looks like on disk. */
export interface FileFact {
  readonly file: number;
  /** Bytes; -1 when nothing is there, -2 when it is not a plain file. */
  readonly size: number;
  readonly mtimeMs: number;
  /** True when no bytes are allocated although the file has a length worth a block: it is one hole. */
  readonly hole: boolean;
}

/** Looks for `files` at `place`, in workers. Padding and links must not be asked for. `follow`: links count as what they lead to. */
export async function surveyPlace(
  pool: DiskPool,
  table: FileTable,
  files: readonly number[],
  place: Place,
  follow = false,
): Promise<FileFact[]> {
  const facts: FileFact[] = [];
  for (let start = 0; start < files.length; start += PATHS_PER_JOB) {
    const part = files.slice(start, start + PATHS_PER_JOB);
    const paths = part.map((file) => table.places.path(file, place));
    const numbers = await pool.run<'survey'>({ type: 'survey', paths, follow }, 0);
    part.forEach((file, index) => {
      const size = numbers[index * 3]!;
      const mtimeMs = numbers[index * 3 + 1]!;
      facts.push({ file, size, mtimeMs, hole: numbers[index * 3 + 2] === 0 && size >= HOLE_BYTES_MIN });
    });
  }
  return facts;
}

/** Small files may live in their inode, without a block of their own. */
const HOLE_BYTES_MIN = 64 * 1024;

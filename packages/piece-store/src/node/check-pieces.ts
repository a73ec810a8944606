import { closeSync, openSync, readSync } from 'node:fs';
import type { CheckJob, JobExtent } from './disk-job.ts';
import { sha1Hex } from './sha1.ts';

/** Reused by every job of this thread: fresh memory for each piece costs more in page faults than hashing it. */
let scratch = new Uint8Array(0);

/** One byte a piece, 1 when what is on disk has the expected hash. A file that is missing or short makes its pieces wrong. */
export function checkPieces(job: CheckJob): Uint8Array {
  const reader = new RunReader();
  try {
    return Uint8Array.from(job.pieces, ({ expected, extents }) => {
      const bytes = reader.read(extents);
      return bytes !== undefined && sha1Hex(bytes) === expected ? 1 : 0;
    });
  } finally {
    reader.close();
  }
}

/** Reads runs of extents into the scratch memory, keeping the last file open. */
class RunReader {
  #path = '';
  #descriptor = -1;

  /** The bytes of the run, valid until the next call; undefined when some are not there. */
  read(extents: readonly JobExtent[]): Uint8Array | undefined {
    const length = extents.reduce((sum, extent) => sum + extent.length, 0);
    if (scratch.length < length) scratch = new Uint8Array(length);
    let at = 0;
    for (const extent of extents) {
      if (extent.path === '') scratch.fill(0, at, at + extent.length);
      else if (!this.#readExtent(extent, at)) return undefined;
      at += extent.length;
    }
    return scratch.subarray(0, length);
  }

  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#path = '';
  }

  #readExtent(extent: JobExtent, at: number): boolean {
    try {
      this.#open(extent.path);
      for (let done = 0; done < extent.length;) {
        const count = readSync(
          this.#descriptor,
          scratch,
          at + done,
          extent.length - done,
          extent.offset + done,
        );
        if (count === 0) throw shorter(extent.path);
        done += count;
      }
      return true;
    } catch (error) {
      if (!ABSENT.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
      return false;
    }
  }

  #open(path: string): void {
    if (path === this.#path) return;
    this.close();
    this.#descriptor = openSync(path, 'r');
    this.#path = path;
  }
}

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ESTALE']);

function shorter(path: string): Error {
  return Object.assign(new Error('the file is shorter than it was'), { code: 'ESTALE', path });
}

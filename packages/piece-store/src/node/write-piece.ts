import { writeSync } from 'node:fs';
import { BLOCK_LENGTH } from '../piece-store.ts';
import type { WriteJob, WriteResult } from './disk-job.ts';
import type { OpenFiles } from './open-files.ts';
import { sha1Hex, sha1Runs } from './sha1.ts';

/** Hashes the piece in `bytes`; writes it to its files when it is right. Throws what the platform says. */
export function writePiece(job: WriteJob, bytes: Uint8Array, files: OpenFiles): WriteResult {
  const right = sha1Hex(bytes) === job.expected;
  if (right) {
    let at = 0;
    for (const extent of job.extents) {
      if (extent.path !== '')
        writeAll(files.open(job, extent), bytes, at, extent.length, extent.offset, extent.path);
      at += extent.length;
    }
  }
  const digests = !right || job.digestBlocks ? sha1Runs(bytes, BLOCK_LENGTH) : undefined;
  return { right, digests };
}

/** A nearly full disk takes part of a write before it refuses the rest. */
function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  from: number,
  length: number,
  position: number,
  path: string,
): void {
  for (let done = 0; done < length;) {
    try {
      done += writeSync(descriptor, bytes, from + done, length - done, position + done);
    } catch (error) {
      throw Object.assign(error as Error, { path });
    }
  }
}

import { writeSync } from 'node:fs';
import { BLOCK_LENGTH } from '../piece-store.ts';
import type { WriteJob, WriteResult } from './disk-job.ts';
import type { OpenFiles } from './open-files.ts';
import { sha1Hex, sha1Runs } from './sha1.ts';

/**
 * Bytes per write. Linux makes one folio of the page cache out of each write: small ones cost a system call each, large ones are dear
 * to come by when memory is fragmented or was given back to a hypervisor. Measured (kernel 6.18, ext4), 1 GiB in writes of 4 KiB
 * takes 0.79 s of a core, of 16 KiB 0.34, 64 KiB 0.21, 256 KiB 0.18, 1 MiB 0.67 to 0.90 (and once 1.8).
 */
const WRITE_LENGTH = 64 * 1024;

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
      const chunk = Math.min(WRITE_LENGTH, length - done);
      done += writeSync(descriptor, bytes, from + done, chunk, position + done);
    } catch (error) {
      throw Object.assign(error as Error, { path });
    }
  }
}

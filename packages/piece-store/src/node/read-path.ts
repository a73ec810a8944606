import * as fs from 'node:fs';
import type { FileExtent } from '../piece-geometry.ts';
import { extentsOf } from '../piece-geometry.ts';
import type { FileTable } from './file-table.ts';
import type { ReadFiles } from './read-files.ts';

/** Files that one read has in hand at once when it crosses many. */
const LANES = 4;

/** What a failed read was about. */
export interface ReadFailure {
  readonly file: number;
  readonly cause: Error;
}

/**
 * Scatter read: fills `targets` with the bytes of `piece` from `begin` on, straight from the page cache into the caller's memory
 * (14 GB/s measured with a gap before each block). `done` is called later, exactly once.
 */
export function readScattered(
  table: FileTable,
  files: ReadFiles,
  piece: number,
  begin: number,
  targets: readonly Uint8Array[],
  done: (failure: ReadFailure | undefined) => void,
): void {
  const length = targets.reduce((sum, target) => sum + target.length, 0);
  const extents = extentsOf(table.layout, piece, begin, length);
  let next = 0;
  let lanes = Math.min(LANES, extents.length);
  let failure: ReadFailure | undefined;
  if (lanes === 0) {
    queueMicrotask(() => done(undefined));
    return;
  }
  const advance = (): void => {
    const extent = failure === undefined ? extents[next++] : undefined;
    if (extent === undefined) {
      lanes--;
      if (lanes === 0) done(failure);
      return;
    }
    const parts = extents.length === 1 ? targets : slice(targets, extent.runOffset, extent.length);
    readExtent(table, files, extent, parts, (cause) => {
      if (cause !== undefined) failure ??= { file: extent.file, cause };
      advance();
    });
  };
  for (let lane = lanes; lane > 0; lane--) advance();
}

function readExtent(
  table: FileTable,
  files: ReadFiles,
  extent: FileExtent,
  targets: readonly Uint8Array[],
  done: (cause: Error | undefined) => void,
): void {
  if (table.layout.files[extent.file]!.padding) {
    for (const target of targets) target.fill(0);
    queueMicrotask(() => done(undefined));
    return;
  }
  const path = table.path(extent.file);
  files.acquire(path, (error, descriptor) => {
    if (error !== undefined) {
      done(error);
      return;
    }
    readFully(descriptor, targets, extent.fileOffset, (cause) => {
      files.release(path);
      done(cause);
    });
  });
}

/** One system call normally; more than 1,024 targets take several. */
function readFully(
  descriptor: number,
  targets: readonly Uint8Array[],
  position: number,
  done: (cause: Error | undefined) => void,
): void {
  fs.readv(descriptor, targets, position, (error, count) => {
    if (error !== null) {
      done(error);
      return;
    }
    const wanted = targets.reduce((sum, target) => sum + target.length, 0);
    if (count === wanted) done(undefined);
    else if (count === 0)
      done(Object.assign(new Error('the file is shorter than it was'), { code: 'ESTALE' }));
    else readFully(descriptor, slice(targets, count, wanted - count), position + count, done);
  });
}

/** The parts of `targets` that hold bytes `from` … `from + length - 1` of their sum. */
function slice(targets: readonly Uint8Array[], from: number, length: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (const target of targets) {
    const start = Math.max(from - at, 0);
    const end = Math.min(from + length - at, target.length);
    if (start < end) parts.push(target.subarray(start, end));
    at += target.length;
  }
  return parts;
}

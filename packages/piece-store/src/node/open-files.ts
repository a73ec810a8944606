import { closeSync, fstatSync, ftruncateSync, openSync, constants as flags, writeSync } from 'node:fs';
import type { JobExtent, WriteJob } from './disk-job.ts';
import { makeFoldersBelow } from './safe-folders.ts';

/** Files open for writing in one worker. Small, because every worker of every storage has as many. */
const OPEN_MAX = 64;
/** How often an open file is asked whether it still has a name. A question costs about 2 µs, so not before every write. */
const EXISTS_CHECK_MS = 1000;

interface OpenFile {
  readonly descriptor: number;
  readonly store: number;
  checkedMs: number;
}

/** The write side's open files: opened when first written, the least recently used closed when there are too many. */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();
  /** Folders that were seen to be real folders, by store. */
  readonly #folders = new Map<number, Set<string>>();

  /** A descriptor to write `extent` with; creates file and folders when the extent allows it. Throws what the platform says. */
  open(job: WriteJob, extent: JobExtent): number {
    const known = this.#files.get(extent.path);
    if (known !== undefined) {
      this.#files.delete(extent.path);
      if (stillNamed(known)) {
        this.#files.set(extent.path, known);
        return known.descriptor;
      }
      closeSync(known.descriptor);
      this.#folders.delete(known.store);
      if (!extent.create) throw gone(extent.path);
    }
    while (this.#files.size >= OPEN_MAX) this.#closeOldest();
    const descriptor = extent.create ? this.#create(job, extent) : openSync(extent.path, 'r+');
    this.#files.set(extent.path, { descriptor, store: job.store, checkedMs: performance.now() });
    return descriptor;
  }

  /** Closes what is open for `store`; returns how many files that were. */
  release(store: number): number {
    let closed = 0;
    for (const [path, file] of this.#files) {
      if (file.store !== store) continue;
      this.#files.delete(path);
      closeSync(file.descriptor);
      closed++;
    }
    this.#folders.delete(store);
    return closed;
  }

  #create(job: WriteJob, extent: JobExtent): number {
    const folders = this.#folders.get(job.store) ?? new Set();
    this.#folders.set(job.store, folders);
    makeFoldersBelow(extent.root, extent.path, folders);
    // O_NOFOLLOW is absent on Windows, where making links needs a privilege.
    const noFollow = (flags as Partial<typeof flags>).O_NOFOLLOW ?? 0;
    const descriptor = openSync(extent.path, flags.O_RDWR | flags.O_CREAT | noFollow, 0o644);
    try {
      const { size } = fstatSync(descriptor);
      if (size > extent.fileLength) ftruncateSync(descriptor, extent.fileLength);
      if (size < extent.fileLength) grow(descriptor, size, extent.fileLength, job.allocate);
    } catch (error) {
      closeSync(descriptor);
      throw error;
    }
    return descriptor;
  }

  #closeOldest(): void {
    for (const [path, file] of this.#files) {
      this.#files.delete(path);
      closeSync(file.descriptor);
      return;
    }
  }
}

/** A file whose name was deleted can still be written, into nothing. */
function stillNamed(file: OpenFile): boolean {
  const now = performance.now();
  if (now - file.checkedMs < EXISTS_CHECK_MS) return true;
  file.checkedMs = now;
  return fstatSync(file.descriptor).nlink > 0;
}

function gone(path: string): Error {
  return Object.assign(new Error('the file was deleted while it was open'), { code: 'ENOENT', path });
}

/** Without `allocate` the file gets a hole; with it, real zeros, so that a full disk shows now and not in the middle. */
function grow(descriptor: number, from: number, to: number, allocate: boolean): void {
  if (!allocate) {
    ftruncateSync(descriptor, to);
    return;
  }
  const zeros = new Uint8Array(1024 * 1024);
  try {
    for (let at = from; at < to;) at += writeSync(descriptor, zeros, 0, Math.min(zeros.length, to - at), at);
  } catch (error) {
    ftruncateSync(descriptor, from);
    throw error;
  }
}

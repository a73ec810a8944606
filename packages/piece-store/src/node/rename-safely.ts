/**
 * Renames that never overwrite, never give up too early on Windows, and cross file systems when they must.
 *
 * On Windows a file cannot be renamed while anybody has it open without sharing, and virus scanners and indexers open every new file for
 * a moment: EBUSY, EPERM or EACCES, gone after a while. On POSIX these codes are final.
 */
import { cp, link, lstat, rename, rm, unlink } from 'node:fs/promises';
import * as path from 'node:path';
import { StoreError } from '../store-error.ts';
import { makeFolders } from './make-folders.ts';
import { storeErrorOf } from './os-errors.ts';

const BUSY_CODES: ReadonlySet<string> = new Set(['EBUSY', 'EPERM', 'EACCES']);
/** Waits between attempts: 3 s in all, which scanners of ordinary files do not exceed. */
const BACK_OFF_MS: readonly number[] = [20, 50, 100, 200, 400, 800, 1600];

/** What differs between the platform and a test. */
export interface BusyRetry {
  readonly platform: NodeJS.Platform;
  readonly wait: (ms: number) => Promise<void>;
}

const HERE: BusyRetry = {
  platform: process.platform,
  wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

/** Runs `task`, again and again while Windows says that a file is busy; then rejects with `file-busy`. */
export async function whileBusy<Result>(
  file: string,
  task: () => Promise<Result>,
  retry: BusyRetry = HERE,
): Promise<Result> {
  for (const ms of BACK_OFF_MS) {
    try {
      return await task();
    } catch (error) {
      if (!isBusy(error, retry.platform)) throw error;
      await retry.wait(ms);
    }
  }
  try {
    return await task();
  } catch (error) {
    if (!isBusy(error, retry.platform)) throw error;
    const advice = 'another program (a virus scanner, perhaps) holds it; close that program and try again';
    throw new StoreError('file-busy', `${file}: ${advice}`, { path: file, cause: error });
  }
}

/** Renames a file. Rejects with `destination-exists` rather than overwrite anything, also when it appears at the last moment. */
export async function renameFile(from: string, to: string): Promise<void> {
  await makeFolders(path.dirname(to));
  try {
    // A hard link fails when the name is taken, which rename does not.
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw exists(to);
    if (await isThere(to)) throw exists(to);
    await moveAcross(from, to);
    return;
  }
  await whileBusy(from, () => unlink(from));
}

/** Renames a folder. Rejects with `destination-exists` rather than merge with or overwrite anything. */
export async function renameFolder(from: string, to: string): Promise<void> {
  await makeFolders(path.dirname(to));
  if (await isThere(to)) throw exists(to);
  await moveAcross(from, to);
}

/** True when something has this name, be it a dangling link. */
export async function isThere(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw storeErrorOf(error, file);
  }
}

/** On another file system a rename is a copy, which keeps times so that resume data stays true. */
async function moveAcross(from: string, to: string): Promise<void> {
  try {
    await whileBusy(from, () => rename(from, to));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw storeErrorOf(error, from);
    try {
      await cp(from, to, {
        recursive: true,
        preserveTimestamps: true,
        errorOnExist: true,
        force: false,
        verbatimSymlinks: true,
      });
    } catch (copyError) {
      await rm(to, { recursive: true, force: true });
      throw storeErrorOf(copyError, to);
    }
    await whileBusy(from, () => rm(from, { recursive: true }));
  }
}

function isBusy(error: unknown, platform: NodeJS.Platform): boolean {
  return platform === 'win32' && BUSY_CODES.has((error as NodeJS.ErrnoException).code ?? '');
}

function exists(file: string): StoreError {
  return new StoreError('destination-exists', `${file} exists; move it away or choose another directory`, {
    path: file,
  });
}

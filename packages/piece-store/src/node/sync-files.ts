import { open } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Above this many files, asking the whole file system once is quicker than asking for each: 100,000 small files took 50 s, and 1 s. */
const SINGLE_FILES_MAX = 256;
/** Flushes under way at once; the platform's pool has four threads and reads need some of them. */
const LANES = 2;
/** From GNU coreutils; flushes the file system that holds its argument. */
const SYNC_FILE_SYSTEM = ['sync', '-f'] as const;

/** Flushes files to stable storage, off the main thread. `folder` is on the same file system. Rejects with what the platform says. */
export async function syncFiles(files: readonly string[], folder: string): Promise<void> {
  if (files.length > SINGLE_FILES_MAX && (await syncFileSystem(folder))) return;
  const queue = files.values();
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await syncFile(next.value);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** False where there is no such command, or it fails: then every file is asked for, and says what is wrong. */
async function syncFileSystem(folder: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const [command, option] = SYNC_FILE_SYSTEM;
  try {
    const { execFile } = await import('node:child_process');
    await promisify(execFile)(command, [option, folder]);
    return true;
  } catch {
    return false;
  }
}

/** A file that has gone needs no flushing. */
async function syncFile(path: string): Promise<void> {
  let handle;
  try {
    // Windows flushes only through handles that may write.
    handle = await open(path, process.platform === 'win32' ? 'r+' : 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

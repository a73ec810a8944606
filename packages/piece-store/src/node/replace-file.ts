import { open, rename, rm } from 'node:fs/promises';
import * as path from 'node:path';
import { whileBusy } from './rename-safely.ts';

/**
 * Replaces `file` by `content` so that after a crash or power cut there is either the old content or the new, whole. Resolves when it is on
 * disk. `mode` is for POSIX; default 0o666 less the umask. On Windows a file that somebody reads cannot be replaced: it is tried for 3 s.
 */
export async function replaceFile(file: string, content: string | Uint8Array, mode?: number): Promise<void> {
  await putInPlace(file, content, mode);
  await syncFolder(path.dirname(file));
}

/** The same for many files of one folder, several at a time: each waits for the disk, but the disk need not wait for each. */
export async function replaceFiles(
  folder: string,
  files: readonly (readonly [file: string, content: Uint8Array])[],
  mode?: number,
): Promise<void> {
  const queue = files.values();
  const lane = async (): Promise<void> => {
    for (const [file, content] of queue) await putInPlace(file, content, mode);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (files.length > 0) await syncFolder(folder);
}

async function putInPlace(
  file: string,
  content: string | Uint8Array,
  mode: number | undefined,
): Promise<void> {
  const temporary = `${file}.new`;
  try {
    const handle = await open(temporary, 'w', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await whileBusy(file, () => rename(temporary, file));
  } catch (error) {
    // What failed is worth telling, and not that something of it stays.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Makes renames survive a power cut. Windows cannot open folders for this, and needs not. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** As many as the platform's pool has threads for files. */
const LANES = 4;

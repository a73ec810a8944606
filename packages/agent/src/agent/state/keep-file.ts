import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Replaces a file so that after a crash or power cut there is either the old content or the new, whole. Resolves when it is on disk. */
export async function keepFile(file: string, content: string | Uint8Array, mode = 0o600): Promise<void> {
  await replaceFile(file, content, mode);
  await syncFolder(dirname(file));
}

/** The same for many files of one folder, several at a time: each waits for the disk, but the disk need not wait for each. */
export async function keepFiles(
  folder: string,
  files: readonly (readonly [file: string, content: Uint8Array])[],
): Promise<void> {
  const queue = files.values();
  const lane = async (): Promise<void> => {
    for (const [file, content] of queue) await replaceFile(file, content, 0o600);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  if (files.length > 0) await syncFolder(folder);
}

async function replaceFile(file: string, content: string | Uint8Array, mode: number): Promise<void> {
  const temporary = `${file}.new`;
  try {
    const handle = await open(temporary, 'w', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Makes the rename survive a power cut. Windows cannot open folders for this, and needs not. */
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

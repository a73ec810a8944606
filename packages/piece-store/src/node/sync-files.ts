import { closeSync, fdatasyncSync, openSync } from 'node:fs';

/** Flushes each file's content to stable storage. A file that has gone needs no flushing. Throws what the platform says. */
export function syncFiles(paths: readonly string[]): undefined {
  for (const path of paths) {
    let file: number;
    try {
      // Windows flushes only through handles that may write.
      file = openSync(path, process.platform === 'win32' ? 'r+' : 'r');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw error;
    }
    try {
      fdatasyncSync(file);
    } finally {
      closeSync(file);
    }
  }
  return undefined;
}

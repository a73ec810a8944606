/**
 * Folders with those above them. Not by Node's own `recursive`: on a read-only file system that reports that nothing is there (ENOENT)
 * instead of why it cannot be made (EROFS), and below /proc it never returns.
 */
import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';

/** Makes `folder` and what is missing above it. Rejects with what the platform says. */
export async function makeFolders(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (isThere(error)) return;
    await makeFolders(parentOf(folder, error));
    await mkdir(folder).catch(unlessThere);
  }
}

/** The same at once, for worker threads. */
export function makeFoldersSync(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (isThere(error)) return;
    makeFoldersSync(parentOf(folder, error));
    try {
      mkdirSync(folder);
    } catch (again) {
      unlessThere(again);
    }
  }
}

/** The folder to make first; throws when it is not that one which is missing. */
function parentOf(folder: string, error: unknown): string {
  const parent = path.dirname(folder);
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
  return parent;
}

/** Somebody else may make the same folder at the same moment. */
function unlessThere(error: unknown): void {
  if (!isThere(error)) throw error;
}

function isThere(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

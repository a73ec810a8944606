import { chmod, lstat, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import type { LayoutFile } from '../payload-layout.ts';
import { makeFolders } from './make-folders.ts';
import { storeErrorOf } from './os-errors.ts';
import { isContent } from './file-table.ts';
import type { FileTable } from './file-table.ts';
import { isThere, renameFile, renameFolder, whileBusy } from './rename-safely.ts';

/**
 * Puts the staged files that `wanted` names under their final names. A folder that is not there yet appears by one rename, complete;
 * files that become wanted after that are renamed one by one into it. Nobody may have the files open. Nothing is ever overwritten.
 *
 * Written rules: an executable file (BEP 47 `x`) gets the execute bit for whoever may read it; a symbolic link (BEP 47 `l`) is made
 * relative, last of all, and only where its name is free; where the platform refuses links (Windows without the privilege) it is left
 * out, because it carries no bytes. Files of length 0 are made here. Rejects with `StoreError`.
 */
export async function publishFiles(table: FileTable, wanted: (file: number) => boolean): Promise<void> {
  const { layout, places } = table;
  const files = layout.files.flatMap((entry, file) =>
    !entry.padding && wanted(file) && table.placeOf(file) !== 'published' ? [file] : [],
  );
  const whole = layout.folder && !(await isThere(places.destination));
  try {
    if (whole) await makeFolders(places.staged);
    for (const file of files) if (needsFinish(layout.files[file]!)) await finish(table, file);
    if (whole) await renameFolder(places.staged, places.destination);
    else for (const file of files) await publishOne(table, file);
    for (const file of files) {
      table.setPlace(file, 'published');
      table.setOnDisk(file, true);
    }
    for (const file of files) if (layout.files[file]!.symlink !== undefined) await makeLink(table, file);
  } catch (error) {
    throw storeErrorOf(error, places.destination);
  }
  await removeEmptyStaging(table);
}

/** Removes the folders of staging that hold nothing. */
export async function removeEmptyStaging(table: FileTable): Promise<void> {
  const { places } = table;
  if (table.layout.files.some((entry, file) => isContent(entry) && table.placeOf(file) === 'staged')) return;
  const payload = path.join(places.staging, 'payload');
  await whileBusy(payload, () => rm(payload, { recursive: true, force: true }));
  for (const folder of [places.parked, places.staging, path.dirname(places.staging)]) {
    try {
      await rmdir(folder);
    } catch {
      // Not empty, or not there: both are fine.
    }
  }
}

function needsFinish(file: LayoutFile): boolean {
  return isContent(file) && (file.length === 0 || file.executable);
}

async function finish(table: FileTable, file: number): Promise<void> {
  const entry = table.layout.files[file]!;
  const staged = table.path(file);
  if (entry.length === 0) {
    await makeFolders(path.dirname(staged));
    await writeFile(staged, '', { flag: 'a' });
  }
  if (entry.executable && process.platform !== 'win32') {
    const { mode } = await lstat(staged);
    await chmod(staged, mode | ((mode & 0o444) >> 2));
  }
}

async function publishOne(table: FileTable, file: number): Promise<void> {
  if (table.layout.files[file]!.symlink !== undefined) return;
  await renameFile(table.path(file), table.places.path(file, 'published'));
}

async function makeLink(table: FileTable, file: number): Promise<void> {
  const target = table.layout.files[file]!.symlink;
  if (target === undefined) return;
  const at = table.path(file);
  const to = path.join(table.places.root('published'), ...target);
  await makeFolders(path.dirname(at));
  try {
    await symlink(path.relative(path.dirname(at), to), at);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST' && !(process.platform === 'win32' && code === 'EPERM')) throw error;
  }
}

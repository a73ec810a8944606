import { lstat, rm, rmdir, unlink } from 'node:fs/promises';
import * as path from 'node:path';
import { StoreError } from '../store-error.ts';
import type { FileTable } from './file-table.ts';
import { storeErrorOf } from './os-errors.ts';
import type { Places } from './places.ts';
import { removeEmptyStaging } from './publication.ts';
import { isThere, renameFile, renameFolder, whileBusy } from './rename-safely.ts';

/** Parks staged files that are not wanted (any more), and takes parked ones back that are. Published files stay where they are. */
export async function parkAndUnpark(table: FileTable, wanted: (file: number) => boolean): Promise<void> {
  for (const [file, entry] of table.layout.files.entries()) {
    const from = table.placeOf(file);
    const to = wanted(file) ? 'staged' : 'parked';
    if (entry.padding || from === 'published' || from === to) continue;
    const { places } = table;
    try {
      if (await isThere(places.path(file, from)))
        await renameFile(places.path(file, from), places.path(file, to));
    } catch (error) {
      throw storeErrorOf(error, places.path(file, from));
    }
    table.setPlace(file, to);
  }
}

/** Takes everything of the payload to other places; nobody may have files open. Nothing is overwritten. */
export async function movePayload(table: FileTable, to: Places): Promise<void> {
  const from = table.places;
  if (to.directory === from.directory) return;
  const published = table.layout.files.some((_, file) => table.placeOf(file) === 'published');
  for (const place of [to.destination, to.staging]) {
    if (!(await isThere(place))) continue;
    throw new StoreError('destination-exists', `${place} exists; move it away first`, { path: place });
  }
  try {
    if (await isThere(from.staging)) await renameFolder(from.staging, to.staging);
    if (published) await (table.layout.folder ? renameFolder : renameFile)(from.destination, to.destination);
    if (from.resume !== to.resume) await whileBusy(from.resume, () => rm(from.resume, { force: true }));
  } catch (error) {
    throw storeErrorOf(error, to.destination);
  }
  table.places = to;
  await removeFolder(path.dirname(from.staging));
}

/**
 * Deletes what is staged and the resume record; with `published` also the payload's files under their final names, and the folders
 * that are empty then. Files that are not the payload's stay.
 */
export async function removePayload(
  table: FileTable,
  options: { readonly published: boolean },
): Promise<void> {
  const { places, layout } = table;
  try {
    await whileBusy(places.staging, () => rm(places.staging, { recursive: true, force: true }));
    await whileBusy(places.resume, () => rm(places.resume, { force: true }));
    if (options.published) {
      const folders = new Set<string>();
      const own = new OwnFolders(places.directory);
      for (const [file, entry] of layout.files.entries()) {
        if (entry.padding || table.placeOf(file) !== 'published') continue;
        const name = table.path(file);
        if (!(await own.hold(path.dirname(name)))) continue;
        await removeFile(name);
        for (
          let folder = path.dirname(name);
          folder.length >= places.destination.length;
          folder = path.dirname(folder)
        ) {
          folders.add(folder);
        }
      }
      for (const folder of [...folders].sort((left, right) => right.length - left.length))
        await removeFolder(folder);
    }
  } catch (error) {
    throw storeErrorOf(error, places.destination);
  }
  await removeEmptyStaging(table);
  await removeFolder(path.dirname(places.staging));
}

/** Tells the folders below a directory that are really there from those that a link leads out of. */
class OwnFolders {
  readonly #known: Map<string, boolean>;

  /** `directory` is taken as it is. */
  constructor(directory: string) {
    this.#known = new Map([[directory, true]]);
  }

  /** True when every folder on the way is a folder, and none a link. */
  async hold(folder: string): Promise<boolean> {
    const known = this.#known.get(folder);
    if (known !== undefined) return known;
    const real = (await this.hold(path.dirname(folder))) && (await isFolder(folder));
    this.#known.set(folder, real);
    return real;
  }
}

async function isFolder(name: string): Promise<boolean> {
  try {
    return (await lstat(name)).isDirectory();
  } catch (error) {
    // Gone already: there is nothing to remove.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

async function removeFile(file: string): Promise<void> {
  try {
    await whileBusy(file, () => unlink(file));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

async function removeFolder(folder: string): Promise<void> {
  try {
    await rmdir(folder);
  } catch {
    // Not empty, or not there: both are fine.
  }
}

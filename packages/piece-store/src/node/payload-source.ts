/**
 * Lists what a new torrent is made of. Written rules:
 *
 * - Order: by the bytes of each path component, folder by folder, so that the same content gives the same torrent everywhere.
 * - A symbolic link to a file below the root is kept as a link (BEP 47 `l`). A link that leads out of the root, to nothing, or to a
 *   folder is refused; with `followSymlinks` every link stands for what it leads to instead, and a circle is refused.
 * - Sockets, pipes and devices are refused, names that are not UTF-8 as well. Empty folders are left out, because BEP 3 cannot
 *   name them. A file that its owner may execute is marked (BEP 47 `x`), except on Windows, which does not know.
 * - The path that was asked for may itself be a link: the user named it.
 */
import type { Stats } from 'node:fs';
import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { StoreError } from '../store-error.ts';
import { isBelow } from './is-below.ts';
import { storeErrorOf } from './os-errors.ts';

/** Files looked at together; the platform has four threads for it. */
const STAT_LANES = 32;

/** One file of the source. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  readonly components: readonly string[];
  /** Bytes; 0 for a link. */
  readonly length: number;
  readonly mtimeMs: number;
  readonly executable: boolean;
  /** Target as components below the root. */
  readonly symlink: readonly string[] | undefined;
}

/** What is found at a path. */
export interface PayloadSource {
  readonly name: string;
  readonly folder: boolean;
  readonly files: readonly SourceFile[];
}

/** Rejects with `source-unsupported` for what a torrent cannot hold, naming it. */
export async function listSource(
  at: string,
  options: { readonly followSymlinks?: boolean },
): Promise<PayloadSource> {
  const root = path.resolve(at);
  try {
    const found = await stat(root);
    const name = path.basename(root);
    if (found.isFile()) return { name, folder: false, files: [sourceFile(root, [name], found)] };
    if (!found.isDirectory()) throw refused(root, 'is neither a file nor a folder');
    const walk = new Walk(await realpath(root), options.followSymlinks ?? false);
    return { name, folder: true, files: await walk.files() };
  } catch (error) {
    throw storeErrorOf(error, root);
  }
}

/** A place that is still to be listed or looked at. */
interface Entry {
  readonly path: string;
  readonly components: readonly string[];
  /** Real paths of the folders above, to notice circles of links. */
  readonly above: readonly string[];
}

/** One walk through a folder. */
class Walk {
  readonly #root: string;
  readonly #follow: boolean;

  constructor(root: string, follow: boolean) {
    this.#root = root;
    this.#follow = follow;
  }

  async files(): Promise<SourceFile[]> {
    const found: SourceFile[] = [];
    const folders: Entry[] = [{ path: this.#root, components: [], above: [this.#root] }];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const entries = await this.#list(folder);
      for (let start = 0; start < entries.length; start += STAT_LANES) {
        const looks = entries.slice(start, start + STAT_LANES).map((entry) => this.#look(entry));
        for (const seen of await Promise.all(looks)) {
          if ('above' in seen) folders.push(seen);
          else found.push(seen);
        }
      }
    }
    return found.sort(byComponents);
  }

  async #list(folder: Entry): Promise<Entry[]> {
    const names = await readdir(folder.path, { encoding: 'buffer' });
    return names.map((bytes) => {
      const name = bytes.toString('utf8');
      if (!Buffer.from(name).equals(bytes))
        throw refused(path.join(folder.path, name), 'has a name that is not UTF-8');
      return {
        path: path.join(folder.path, name),
        components: [...folder.components, name],
        above: folder.above,
      };
    });
  }

  async #look(entry: Entry): Promise<SourceFile | Entry> {
    const found = await lstat(entry.path);
    if (found.isSymbolicLink()) return this.#lookThrough(entry);
    if (found.isDirectory()) return this.#follow ? this.#enter(entry) : entry;
    if (found.isFile()) return sourceFile(entry.path, entry.components, found);
    throw refused(entry.path, 'is a socket, pipe or device, which a torrent cannot hold');
  }

  async #lookThrough(entry: Entry): Promise<SourceFile | Entry> {
    const target = await realTarget(entry.path);
    const found = await stat(target);
    if (this.#follow) {
      if (found.isDirectory()) return this.#enter(entry);
      if (found.isFile()) return sourceFile(entry.path, entry.components, found);
      throw refused(entry.path, 'leads to a socket, pipe or device, which a torrent cannot hold');
    }
    if (!isBelow(this.#root, target)) {
      throw refused(
        entry.path,
        'is a link that leads out of the folder; follow links to include what it leads to',
      );
    }
    if (!found.isFile())
      throw refused(entry.path, 'is a link to a folder; follow links to include its content');
    return {
      path: entry.path,
      components: entry.components,
      length: 0,
      mtimeMs: found.mtimeMs,
      executable: false,
      symlink: path.relative(this.#root, target).split(path.sep),
    };
  }

  async #enter(entry: Entry): Promise<Entry> {
    const real = await realpath(entry.path);
    if (entry.above.includes(real)) throw refused(entry.path, 'leads back to a folder that it lies in');
    return { ...entry, above: [...entry.above, real] };
  }
}

async function realTarget(link: string): Promise<string> {
  try {
    return await realpath(link);
  } catch (error) {
    throw refused(link, 'is a link that leads nowhere', error);
  }
}

function sourceFile(at: string, components: readonly string[], found: Stats): SourceFile {
  return {
    path: at,
    components,
    length: found.size,
    mtimeMs: found.mtimeMs,
    executable: process.platform !== 'win32' && (found.mode & 0o100) !== 0,
    symlink: undefined,
  };
}

function byComponents(left: SourceFile, right: SourceFile): number {
  const shared = Math.min(left.components.length, right.components.length);
  for (let index = 0; index < shared; index++) {
    const one = left.components[index]!;
    const other = right.components[index]!;
    if (one !== other) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  }
  return left.components.length - right.components.length;
}

function refused(at: string, why: string, cause?: unknown): StoreError {
  return new StoreError('source-unsupported', `${at} ${why}`, { path: at, cause });
}

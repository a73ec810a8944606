/**
 * Where a payload's files are while it grows. Everything unfinished lies beside the destination, so on the same file system, and
 * publication is a rename:
 *
 *     <directory>/<name>                          published: the file or folder people use
 *     <directory>/.brine/<id>/payload/<name>      staged: the same, incomplete
 *     <directory>/.brine/<id>/unwanted/<index>    parked: bytes of unwanted files that share a piece with wanted ones
 *     <state directory>/<id>.resume               what is known to be right; the state directory is <directory>/.brine by default
 *
 * A parked file keeps its offsets, so parking and taking back are renames too. Where the file system knows holes (ext4, XFS, btrfs,
 * tmpfs, APFS) it takes only the bytes it has; on NTFS it takes what lies before its last byte.
 */
import * as path from 'node:path';
import type { PayloadLayout } from '../payload-layout.ts';
import { StoreError } from '../store-error.ts';

/** Where one file is. */
export type Place = 'staged' | 'parked' | 'published';

/** The paths of one payload below one directory. */
export class Places {
  readonly directory: string;
  /** The file or folder under its final name. */
  readonly destination: string;
  /** Everything of this payload that is not published; ours alone. */
  readonly staging: string;
  /** The file or folder as it is staged. */
  readonly staged: string;
  readonly parked: string;
  readonly resume: string;
  readonly #publishedRoot: string;
  readonly #stagedRoot: string;
  readonly #names: readonly string[];

  /** `names`: see `relativeNames`. */
  constructor(
    layout: PayloadLayout,
    id: string,
    directory: string,
    stateDirectory: string | undefined,
    names: readonly string[],
  ) {
    this.directory = path.resolve(directory);
    this.destination = path.join(this.directory, layout.name);
    this.staging = path.join(this.directory, '.brine', id);
    const payload = path.join(this.staging, 'payload');
    this.staged = path.join(payload, layout.name);
    this.parked = path.join(this.staging, 'unwanted');
    this.resume = path.join(stateDirectory ?? path.join(this.directory, '.brine'), `${id}.resume`);
    this.#publishedRoot = layout.folder ? this.destination : this.directory;
    this.#stagedRoot = layout.folder ? this.staged : payload;
    this.#names = names;
  }

  /** True for paths of this payload, published or not. */
  hold(file: string): boolean {
    return [this.destination, this.staging].some((root) => file === root || file.startsWith(root + path.sep));
  }

  /** The root of the payload's files at a place. */
  root(place: Exclude<Place, 'parked'>): string {
    return place === 'published' ? this.#publishedRoot : this.#stagedRoot;
  }

  path(file: number, place: Place): string {
    if (place === 'parked') return `${this.parked}${path.sep}${file}`;
    return `${this.root(place)}${path.sep}${this.#names[file]}`;
  }
}

/** Each file's path below the payload's root. Throws `source-unsupported` for a path that would lead out of it. */
export function relativeNames(layout: PayloadLayout): string[] {
  if (!isSafe(layout.name)) throw unsafe(layout.name);
  return layout.files.map((file) => {
    if (file.path.length === 0 || !file.path.every(isSafe)) throw unsafe(file.path.join('/'));
    return file.path.join(path.sep);
  });
}

/** The metainfo parser makes names safe; this is the last door before the disk. */
function isSafe(component: string): boolean {
  return component !== '' && component !== '.' && component !== '..' && !UNSAFE.test(component);
}

// oxlint-disable-next-line no-control-regex -- NUL is one of the characters that must not get through
const UNSAFE: RegExp = process.platform === 'win32' ? /[/\\:\0]/ : /[/\0]/;

function unsafe(name: string): StoreError {
  return new StoreError('source-unsupported', `"${name}" is not a name below the payload's folder`);
}

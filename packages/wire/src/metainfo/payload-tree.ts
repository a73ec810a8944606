/*
 * The folders of a payload while its file list is read: finds names that some platform takes for the same, and settles them by
 * the rule in safe-path.ts. File lists come folder by folder, so callers keep the `Folder` of the last path at hand.
 */
import { WireError } from '../wire-error.ts';
import { foldedHash, foldedName, numberedComponent } from './safe-path.ts';
import { SeenHashes } from './seen-hashes.ts';

/** Numbered names tried in one payload. Honest payloads need a handful; the limit keeps made-up ones from costing more. */
const TRIES_MAX = 100_000;
/** Folders of one payload. */
const FOLDERS_MAX = 250_000;

/** The root of a payload that has `names` names of files and folders; more only make it slower. */
export function rootFolder(names: number): Folder {
  return new Folder([], { tries: TRIES_MAX, folders: FOLDERS_MAX, seen: new SeenHashes(names) });
}

/** A folder of the payload, the root included. Names that come in are safe components. */
export class Folder {
  /** Components from the root to here, as they will stand on disk. */
  readonly path: readonly string[];
  /** Tells the folders of a payload apart. */
  readonly number: number;
  readonly #payload: Payload;
  /** Names in use while none of them may be the same as another; then `#taken` takes over. */
  readonly #names: string[] = [];
  /** Folded names in use. */
  #taken: Set<string> | undefined;
  // Most folders have none of the following, and there may be very many folders.
  /** By the folded name that they were asked for by. */
  #folders: Map<string, Folder> | undefined;
  /** Folded names of symbolic links. */
  #links: Set<string> | undefined;
  /** Links and files that could not keep their names. */
  #renamed: Map<string, string> | undefined;

  constructor(path: readonly string[], payload: Payload) {
    this.path = path;
    this.number = payload.folders;
    this.#payload = payload;
  }

  /** The folder of this name here, made when missing. Throws `WireError` `metainfo-invalid` when a symbolic link has the name. */
  folder(name: string): Folder {
    const folded = foldedName(name);
    const known = this.#folders?.get(folded);
    if (known !== undefined) return known;
    if (this.#links?.has(folded) === true) throw throughLink([...this.path, name]);
    if (this.#payload.folders-- === 0) {
      throw new WireError(
        'metainfo-invalid',
        `the torrent has more than ${FOLDERS_MAX} folders; pack some of them`,
      );
    }
    const folder = new Folder([...this.path, this.#take(name, foldedHash(name))], this.#payload);
    (this.#folders ??= new Map<string, Folder>()).set(folded, folder);
    return folder;
  }

  /** Takes a name, whose `foldedHash` is `hash`, for a file here and returns the one that it gets. */
  file(name: string, hash: number): string {
    const given = this.#take(name, hash);
    if (given !== name) (this.#renamed ??= new Map<string, string>()).set(name, given);
    return given;
  }

  /** As `file`, for a symbolic link. Throws `WireError` `metainfo-invalid` when files lie below that name. */
  link(name: string, hash: number): string {
    const folded = foldedName(name);
    if (this.#folders?.has(folded) === true) throw throughLink([...this.path, name]);
    const given = this.file(name, hash);
    (this.#links ??= new Set<string>()).add(foldedName(given));
    return given;
  }

  /** Where a path that the file list names really stands, once all files are in. */
  resolve(path: readonly string[]): readonly string[] {
    const [name = '', ...rest] = path;
    const folder = this.#folders?.get(foldedName(name));
    if (folder !== undefined) return rest.length === 0 ? folder.path : folder.resolve(rest);
    return [...this.path, this.#renamed?.get(name) ?? name, ...rest];
  }

  #take(name: string, hash: number): string {
    if (this.#taken === undefined) {
      if (this.#payload.seen.isNew(Math.imul(hash ^ this.number, 0x9e3779b1))) {
        this.#names.push(name);
        return name;
      }
      this.#taken = new Set(this.#names.map(foldedName));
    }
    const taken = this.#taken;
    // One look instead of two: the set grows only when the name is new.
    const { size } = taken;
    if (taken.add(foldedName(name)).size > size) return name;
    for (let number = 2; ; number++) {
      if (this.#payload.tries-- === 0) {
        throw new WireError(
          'metainfo-invalid',
          'too many files of the torrent have the same names up to case; give them different names and create it again',
        );
      }
      const other = numberedComponent(name, number);
      const otherFolded = foldedName(other);
      if (taken.has(otherFolded)) continue;
      taken.add(otherFolded);
      return other;
    }
  }
}

/** What the folders of one payload share: what they may still use up, and the names that may be in use. */
interface Payload {
  tries: number;
  folders: number;
  readonly seen: SeenHashes;
}

function throughLink(path: readonly string[]): WireError {
  const text = JSON.stringify(path.join('/'));
  return new WireError(
    'metainfo-invalid',
    `${text} is a symbolic link and a folder at once; the torrent is refused`,
  );
}

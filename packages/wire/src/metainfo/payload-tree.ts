/*
 * The folders of a payload while its file list is read: finds names that some platform takes for the same, and settles them by
 * the rule in safe-path.ts. File lists come folder by folder, so callers keep the `Folder` of the last path at hand.
 */
import { WireError } from '../wire-error.ts';
import { foldedName, numberedComponent } from './safe-path.ts';

/** Numbered names tried in one payload. Honest payloads need a handful; the limit keeps made-up ones from costing more. */
const TRIES_MAX = 100_000;
/** Folders of one payload. */
const FOLDERS_MAX = 250_000;

/** A folder of the payload, the root included. Names that come in are safe components. */
export class Folder {
  /** Components from the root to here, as they will stand on disk. */
  readonly path: readonly string[];
  readonly #budget: Budget;
  /** Folded names in use. */
  readonly #taken = new Set<string>();
  // Most folders have none of the following, and there may be very many folders.
  /** By the folded name that they were asked for by. */
  #folders: Map<string, Folder> | undefined;
  /** Folded names of symbolic links. */
  #links: Set<string> | undefined;
  /** Links and files that could not keep their names. */
  #renamed: Map<string, string> | undefined;

  constructor(path: readonly string[] = [], budget: Budget = { tries: TRIES_MAX, folders: FOLDERS_MAX }) {
    this.path = path;
    this.#budget = budget;
  }

  /** The folder of this name here, made when missing. Throws `WireError` `metainfo-invalid` when a symbolic link has the name. */
  folder(name: string): Folder {
    const folded = foldedName(name);
    const known = this.#folders?.get(folded);
    if (known !== undefined) return known;
    if (this.#links?.has(folded) === true) throw throughLink([...this.path, name]);
    if (this.#budget.folders-- === 0) {
      throw new WireError(
        'metainfo-invalid',
        `the torrent has more than ${FOLDERS_MAX} folders; pack some of them`,
      );
    }
    const folder = new Folder([...this.path, this.#take(name, folded)], this.#budget);
    (this.#folders ??= new Map<string, Folder>()).set(folded, folder);
    return folder;
  }

  /** Takes a name for a file here and returns the one that it gets. */
  file(name: string): string {
    const given = this.#take(name, foldedName(name));
    if (given !== name) (this.#renamed ??= new Map<string, string>()).set(name, given);
    return given;
  }

  /** As `file`, for a symbolic link. Throws `WireError` `metainfo-invalid` when files lie below that name. */
  link(name: string): string {
    const folded = foldedName(name);
    if (this.#folders?.has(folded) === true) throw throughLink([...this.path, name]);
    const given = this.file(name);
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

  #take(name: string, folded: string): string {
    // One look instead of two: the set grows only when the name is new.
    const { size } = this.#taken;
    if (this.#taken.add(folded).size > size) return name;
    for (let number = 2; ; number++) {
      if (this.#budget.tries-- === 0) {
        throw new WireError(
          'metainfo-invalid',
          'too many files of the torrent have the same names up to case; give them different names and create it again',
        );
      }
      const other = numberedComponent(name, number);
      const otherFolded = foldedName(other);
      if (this.#taken.has(otherFolded)) continue;
      this.#taken.add(otherFolded);
      return other;
    }
  }
}

/** What one payload may still use up; shared by its folders. */
interface Budget {
  tries: number;
  folders: number;
}

function throughLink(path: readonly string[]): WireError {
  const text = JSON.stringify(path.join('/'));
  return new WireError(
    'metainfo-invalid',
    `${text} is a symbolic link and a folder at once; the torrent is refused`,
  );
}

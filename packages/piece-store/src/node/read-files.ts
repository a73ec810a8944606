import * as fs from 'node:fs';

interface ReadFile {
  descriptor: number;
  users: number;
  /** Called when the file has been opened; undefined once it has. */
  waiting: ((error: Error | undefined, descriptor: number) => void)[] | undefined;
  /** Close as soon as nobody uses it. */
  doomed: boolean;
}

/**
 * The read side's open files, shared by the stores of a storage. At most `openMax` stay open while idle; a read that needs one more
 * file than that still gets it, and the least recently used is closed.
 */
export class ReadFiles {
  readonly #openMax: number;
  readonly #files = new Map<string, ReadFile>();

  constructor(openMax: number) {
    this.#openMax = openMax;
  }

  /**
   * Calls `then` with a descriptor, at once when the file is open. Every call without an error is ended by one `release`.
   */
  acquire(path: string, then: (error: Error | undefined, descriptor: number) => void): void {
    const known = this.#files.get(path);
    if (known === undefined) {
      this.#open(path, then);
      return;
    }
    known.users++;
    if (known.waiting !== undefined) {
      known.waiting.push(then);
      return;
    }
    this.#files.delete(path);
    this.#files.set(path, known);
    then(undefined, known.descriptor);
  }

  release(path: string): void {
    const file = this.#files.get(path);
    if (file === undefined) return;
    file.users--;
    if (file.users === 0 && file.doomed) this.#close(path, file);
  }

  /** Closes the files that `belongs` chooses; nobody may be using them. */
  closeWhere(belongs: (path: string) => boolean): void {
    for (const [path, file] of this.#files) {
      if (!belongs(path)) continue;
      if (file.users === 0) this.#close(path, file);
      else file.doomed = true;
    }
  }

  #open(path: string, then: (error: Error | undefined, descriptor: number) => void): void {
    for (const [oldPath, old] of this.#files) {
      if (this.#files.size < this.#openMax) break;
      if (old.users === 0) this.#close(oldPath, old);
    }
    const file: ReadFile = { descriptor: -1, users: 1, waiting: [then], doomed: false };
    this.#files.set(path, file);
    fs.open(path, 'r', (error, descriptor) => {
      const waiting = file.waiting ?? [];
      file.waiting = undefined;
      if (error === null) file.descriptor = descriptor;
      else this.#files.delete(path);
      for (const call of waiting) call(error ?? undefined, descriptor);
    });
  }

  #close(path: string, file: ReadFile): void {
    this.#files.delete(path);
    fs.closeSync(file.descriptor);
  }
}

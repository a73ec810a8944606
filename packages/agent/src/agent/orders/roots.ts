import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

import { ServiceError } from '@brine/control-http';
import { isBelow } from '@brine/piece-store/node';

import { whyNotFull } from '../full-path.ts';

/** The directories below which orders may have things read and written. */
export class Roots {
  readonly #roots: readonly string[];

  constructor(roots: readonly string[]) {
    this.#roots = roots.map((root) => resolve(root));
  }

  get all(): readonly string[] {
    return this.#roots;
  }

  get first(): string {
    return this.#roots[0]!;
  }

  /**
   * The path without symbolic links and dots, as far as it exists. Rejects with `ServiceError` `path-refused` unless that lies in or
   * below a root.
   */
  async place(path: string, pointer: string): Promise<string> {
    const objection = whyNotFull(path);
    if (objection !== undefined)
      throw new ServiceError('path-refused', `"${path}" is refused: ${objection}.`, { pointer });
    const real = await realOf(resolve(path), pointer);
    for (const root of this.#roots) if (isBelow(await realOf(root, pointer), real)) return real;
    throw new ServiceError(
      'path-refused',
      `${path}${real === resolve(path) ? '' : ` (in truth ${real})`} is not below a configured root: ${this.#roots.join(', ')}. Choose a path there, or add a root to the configuration.`,
      { pointer },
    );
  }

  /** The nearest directory on the way to this place that is there already. Rejects as `place`. */
  async existing(path: string, pointer: string): Promise<string> {
    let directory = await this.place(path, pointer);
    while (!(await isThere(directory)) && dirname(directory) !== directory) directory = dirname(directory);
    return directory;
  }
}

/** The real path of what exists of it, and the rest behind that. */
async function realOf(path: string, pointer: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new ServiceError('path-refused', `${path} cannot be looked at: ${(error as Error).message}.`, {
        pointer,
        cause: error,
      });
    if (await isThere(path))
      throw new ServiceError('path-refused', `${path} is a symbolic link that leads nowhere.`, { pointer });
    const parent = dirname(path);
    return parent === path ? path : join(await realOf(parent, pointer), basename(path));
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

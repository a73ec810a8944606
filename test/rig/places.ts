import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. Searched for, because these files run as they stand (tests) and compiled, one folder deeper (benchmarks). */
export const REPOSITORY: string = rootAbove(dirname(fileURLToPath(import.meta.url)));

/** A file of this folder that is no TypeScript. */
export function besides(path: string): string {
  return join(REPOSITORY, 'test/rig', path);
}

/** Debian's python3, for which python3-libtorrent is built; another python3 may come first in the path. */
export const PYTHON = '/usr/bin/python3';

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package-lock.json')) ? folder : rootAbove(dirname(folder));
}

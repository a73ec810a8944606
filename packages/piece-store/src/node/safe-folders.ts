import { lstatSync, mkdirSync } from 'node:fs';
import * as path from 'node:path';
import { isBelow } from './is-below.ts';
import { makeFoldersSync } from './make-folders.ts';

/**
 * Makes the folders between `root` and `file`, and `root` itself with its parents. Below `root` nothing but real folders is walked
 * through: a symbolic link on the way throws `ENOTDIR`, because behind it we might write outside the payload.
 * `known` holds folders that have been looked at.
 */
export function makeFoldersBelow(root: string, file: string, known: Set<string>): void {
  const folder = path.dirname(file);
  if (known.has(folder)) return;
  if (!isBelow(root, folder)) throw refused(folder, `is not below ${root}`);
  makeFoldersSync(root);
  let current = root;
  for (const component of path.relative(root, folder).split(path.sep)) {
    if (component === '') continue;
    current = path.join(current, component);
    if (known.has(current)) continue;
    const found = lstatSync(current, { throwIfNoEntry: false });
    if (found === undefined) makeFolder(current);
    else if (!found.isDirectory()) throw refused(current, 'is not a folder');
    known.add(current);
  }
  known.add(folder);
}

/** Another worker may make the same folder at the same moment. */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (!lstatSync(folder).isDirectory()) throw refused(folder, 'is not a folder');
  }
}

function refused(folder: string, why: string): Error {
  return Object.assign(new Error(`${folder} ${why}`), { code: 'ENOTDIR', path: folder });
}

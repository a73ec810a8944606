import * as path from 'node:path';

/** The part of `node:path` that tells where things are: the platform's, or in a test another's. */
export type PathRules = Pick<typeof path, 'relative' | 'isAbsolute' | 'sep'>;

/**
 * True when `place` is `root` or lies in it. Both are absolute and without links. On Windows case does not count, and what is on another
 * drive or share is absolute from here. A name like `..data` is a name.
 */
export function isBelow(root: string, place: string, rules: PathRules = path): boolean {
  const way = rules.relative(root, place);
  return way !== '..' && !way.startsWith(`..${rules.sep}`) && !rules.isAbsolute(way);
}

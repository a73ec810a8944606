import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** SHA-256 of every file below `folder`, by path. */
export async function hashFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashes = new Map<string, string>();
  const lane = async (): Promise<void> => {
    for (let file = files.pop(); file !== undefined; file = files.pop()) {
      hashes.set(
        relative(folder, file),
        createHash('sha256')
          .update(await readFile(file))
          .digest('hex'),
      );
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return hashes;
}

/** The paths at which two folders differ: another content, or a file that only one of them has. */
export function differences(
  one: ReadonlyMap<string, string>,
  other: ReadonlyMap<string, string>,
): readonly string[] {
  const paths = new Set([...one.keys(), ...other.keys()]);
  return [...paths].filter((path) => one.get(path) !== other.get(path));
}

/** Files read at the same time: small files are mostly waiting. */
const LANES = 8;

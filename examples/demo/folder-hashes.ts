import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** SHA-256 of every file below `folder`, by path. */
export async function hashFolder(folder: string): Promise<ReadonlyMap<string, string>> {
  const hashes = new Map<string, string>();
  const visit = async (path: string): Promise<void> => {
    for await (const entry of await opendir(join(folder, path))) {
      const below = join(path, entry.name);
      if (entry.isDirectory()) await visit(below);
      else hashes.set(below, await hashFile(join(folder, below)));
    }
  };
  await visit('');
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

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

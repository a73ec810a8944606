import { createCipheriv, createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

/** A payload on disk, to be distributed. */
export interface Payload {
  /** Directory in which `name` stands. */
  readonly directory: string;
  /** Name of the file or folder. */
  readonly name: string;
}

/** One file of `bytes` bytes that look random and are the same for the same seed. */
export async function makeFile(directory: string, name: string, bytes: number, seed = 1): Promise<Payload> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, name), noise(bytes, seed));
  return { directory, name };
}

const WORDS = [
  'plain',
  'two words',
  'cafe\u0301', // e and a combining acute
  'ångström',
  '設計図-日本語',
  '한국어 파일',
  '🧂🌊 brine',
  '👍🏽 thumb',
  'שלום',
  'مرحبا بالعالم',
  'Ωmega Жук',
  'a-very-long-name-'.repeat(12),
  '長い名前'.repeat(16),
  "it's #1 & 100% [ok] (yes)",
];

/**
 * A folder of `count` files in nested folders, with names in many scripts. Sizes vary from nothing to a few pieces, so pieces hold many
 * files and files span pieces.
 */
export async function makeFolder(directory: string, name: string, count: number): Promise<Payload> {
  for (let i = 0; i < count; i += 1) {
    const word = WORDS[i % WORDS.length] ?? '';
    const folder = [`part ${i % 7}`, ...(i % 3 === 0 ? [word.slice(0, 20).trim()] : [])];
    const path = join(directory, name, ...folder, `${word} ${i}.bin`);
    const bytes = i % 97 === 0 ? 0 : i % 50 === 0 ? 150_000 + i : 7000 + ((i * 7919) % 20_000);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, noise(bytes, i + 2));
  }
  return { directory, name };
}

/** SHA-256 of no bytes. */
export const EMPTY_DIGEST: string = createHash('sha256').digest('hex');

/** SHA-256 of every file of a payload by its path, the payload's name included. */
export async function digests(payload: Payload): Promise<ReadonlyMap<string, string>> {
  const root = join(payload.directory, payload.name);
  const found = new Map<string, string>();
  for (const path of await filesBelow(root)) {
    const key = join(payload.name, relative(root, path));
    found.set(
      key,
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    );
  }
  return found;
}

async function filesBelow(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true, recursive: true }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (entries === undefined) return [path];
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

function noise(bytes: number, seed: number): Uint8Array {
  const key = createHash('sha256').update(`brine ${seed}`).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(bytes));
}

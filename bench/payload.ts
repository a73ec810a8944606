import { createCipheriv } from 'node:crypto';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { MIB } from './options.ts';
import { REPOSITORY } from './places.ts';

/** Where benchmarks keep what they make; `scratch/` is not in the repository. */
export async function scratch(): Promise<string> {
  const path = join(REPOSITORY, 'scratch/bench');
  await mkdir(path, { recursive: true });
  return path;
}

/** A file of bytes that look random, made once for each size. */
export async function noiseFile(
  bytes: number,
): Promise<{ readonly directory: string; readonly name: string; readonly path: string }> {
  const directory = join(await scratch(), `payload-${bytes}`);
  const name = `noise-${bytes}.bin`;
  const path = join(directory, name);
  await mkdir(directory, { recursive: true });
  const present = await stat(path).then(
    ({ size }) => size,
    () => 0,
  );
  if (present !== bytes) await writeNoise(path, bytes);
  return { directory, name, path };
}

async function writeNoise(path: string, bytes: number): Promise<void> {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, 3), Buffer.alloc(16));
  const zeros = Buffer.alloc(MIB);
  const file = await open(path, 'w');
  try {
    for (let left = bytes; left > 0; left -= MIB)
      await file.write(cipher.update(zeros.subarray(0, Math.min(MIB, left))));
  } finally {
    await file.close();
  }
}

import { existsSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeFolders, makeFoldersSync } from '../src/node/make-folders.ts';
import { temporaryDirectory } from './contract/temporary-directory.ts';

const WAYS = [
  ['makeFolders', makeFolders],
  ['makeFoldersSync', async (folder: string) => makeFoldersSync(folder)],
] as const;

describe.each(WAYS)('%s', (_name, make) => {
  test('makes what is missing, also twice', async () => {
    const { directory, remove } = temporaryDirectory();
    const folder = path.join(directory, 'a', 'b', 'c');
    await make(folder);
    await make(folder);
    expect(existsSync(folder)).toBe(true);
    remove();
  });

  test('says why it cannot', async () => {
    const { directory, remove } = temporaryDirectory();
    writeFileSync(path.join(directory, 'file'), '');
    await expect(make(path.join(directory, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    remove();
  });

  test.skipIf(process.platform !== 'linux')('comes to an end where no folder can be made', async () => {
    await expect(make('/proc/brine/a/b')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

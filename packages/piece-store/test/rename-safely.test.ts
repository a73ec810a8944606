import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isThere, renameFile, renameFolder, whileBusy } from '../src/node/rename-safely.ts';
import { temporaryDirectory } from './contract/temporary-directory.ts';

function failing(code: string, times: number): { attempts: number; readonly task: () => Promise<string> } {
  const state = {
    attempts: 0,
    task: () => {
      state.attempts++;
      if (state.attempts > times) return Promise.resolve('done');
      return Promise.reject(Object.assign(new Error(code), { code }));
    },
  };
  return state;
}

describe('renaming', () => {
  test('on Windows a busy file is tried again with growing pauses', async () => {
    for (const code of ['EBUSY', 'EPERM', 'EACCES']) {
      const waits: number[] = [];
      const state = failing(code, 3);
      const wait = (ms: number): Promise<void> => {
        waits.push(ms);
        return Promise.resolve();
      };
      expect(await whileBusy('f', state.task, { platform: 'win32', wait })).toBe('done');
      expect(waits).toEqual([20, 50, 100]);
    }
  });

  test('a file that stays busy on Windows is reported as such', async () => {
    const state = failing('EBUSY', Infinity);
    const retry = { platform: 'win32', wait: () => Promise.resolve() } as const;
    await expect(whileBusy('f', state.task, retry)).rejects.toMatchObject({ code: 'file-busy', path: 'f' });
    expect(state.attempts).toBe(8);
  });

  test('elsewhere the first refusal is final', async () => {
    const state = failing('EPERM', Infinity);
    const retry = { platform: 'linux', wait: () => Promise.resolve() } as const;
    await expect(whileBusy('f', state.task, retry)).rejects.toMatchObject({ code: 'EPERM' });
    expect(state.attempts).toBe(1);
  });

  test('neither files nor folders are overwritten', async () => {
    const { directory, remove } = temporaryDirectory();
    const at = (name: string): string => path.join(directory, name);
    writeFileSync(at('a'), 'a');
    writeFileSync(at('b'), 'b');
    mkdirSync(at('folder'));
    mkdirSync(at('empty'));
    await expect(renameFile(at('a'), at('b'))).rejects.toMatchObject({ code: 'destination-exists' });
    await expect(renameFolder(at('folder'), at('empty'))).rejects.toMatchObject({
      code: 'destination-exists',
    });
    await renameFile(at('a'), at('deep/er/c'));
    expect(readFileSync(at('deep/er/c'), 'utf8')).toBe('a');
    expect(await isThere(at('a'))).toBe(false);
    expect(readdirSync(directory).sort()).toEqual(['b', 'deep', 'empty', 'folder']);
    remove();
  });
});

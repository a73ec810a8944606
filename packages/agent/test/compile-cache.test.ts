import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { cacheFolderOf } from '../src/compile-cache.ts';
import { Scratch } from './brine.ts';

describe('compiled code is kept in the user’s cache folder', () => {
  test.each([
    ['linux', {}, join('/home/a', '.cache')],
    ['linux', { XDG_CACHE_HOME: '/fast' }, '/fast'],
    ['linux', { XDG_CACHE_HOME: '' }, join('/home/a', '.cache')],
    ['darwin', {}, join('/home/a', 'Library', 'Caches')],
    ['win32', { LOCALAPPDATA: 'C:\\local' }, 'C:\\local'],
    ['win32', {}, join('/home/a', 'AppData', 'Local')],
  ] as const)('on %s with %j: below %s', (platform, environment, base) => {
    expect(cacheFolderOf(platform, environment, '/home/a').at(-1)).toBe(join(base, 'brine', 'compiled'));
  });

  test('where it cannot be made, the command runs all the same', async () => {
    await using scratch = await Scratch.open();
    const file = await scratch.write('file', '');
    for (const home of [file, scratch.at('nowhere', 'at', 'all'), '/proc/nowhere']) {
      const environment = {
        ...process.env,
        XDG_CACHE_HOME: '',
        LOCALAPPDATA: '',
        HOME: home,
        USERPROFILE: home,
      };
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [MAIN, '--version'], {
        env: environment,
        timeout: 20_000,
      });
      expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^\d/), stderr: '' });
    }
  });
});

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

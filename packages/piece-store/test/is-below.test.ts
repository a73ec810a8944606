import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { isBelow } from '../src/node/is-below.ts';
import { makeFoldersBelow } from '../src/node/safe-folders.ts';

describe('below', () => {
  test.each([
    ['C:\\payloads', 'C:\\payloads', true],
    ['C:\\payloads', 'c:\\PAYLOADS\\maps', true],
    ['C:\\', 'C:\\maps', true],
    ['C:\\payloads', 'C:\\payloads\\..data', true],
    ['C:\\payloads', 'C:\\payloads2', false],
    ['C:\\payloads', 'C:\\', false],
    ['C:\\payloads', 'D:\\payloads\\maps', false],
    ['\\\\server\\share\\a', '\\\\SERVER\\share\\a\\b', true],
    ['\\\\server\\share', '\\\\server\\other\\b', false],
    ['\\\\server\\share', 'C:\\share', false],
  ])('on Windows, for %s: %s is %s', (root, place, is) => {
    expect(isBelow(root, place, path.win32)).toBe(is);
  });

  test.each([
    ['/srv', '/srv/maps', true],
    ['/', '/srv', true],
    ['/srv', '/srv/..data/x', true],
    ['/srv', '/srv2', false],
    ['/srv', '/SRV/maps', false],
    ['/srv/a', '/srv', false],
  ])('on POSIX, for %s: %s is %s', (root, place, is) => {
    expect(isBelow(root, place, path.posix)).toBe(is);
  });

  test('a folder whose name begins with two dots can be made', () => {
    const root = mkdtempSync(path.join(tmpdir(), 'brine-'));
    try {
      makeFoldersBelow(root, path.join(root, '..data', 'file'), new Set());
      mkdirSync(path.join(root, '..data', 'there'));
      expect(() => makeFoldersBelow(root, path.join(root, '..', 'file'), new Set())).toThrow(/not below/);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

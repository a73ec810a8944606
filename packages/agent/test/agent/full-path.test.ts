import { posix, win32 } from 'node:path';

import { describe, expect, test } from 'vitest';

import { whyNotFull } from '../../src/agent/full-path.ts';

describe('on Windows', () => {
  test.each([
    'D:\\payloads',
    'd:/payloads/maps',
    '\\\\server\\share\\maps',
    'C:\\',
    'D:\\a\\..\\b',
    '\\\\server\\share',
  ])('%s says where it is', (path) => expect(whyNotFull(path, win32)).toBeUndefined());

  test.each([
    ['payloads', /drive/],
    ['C:payloads', /drive/],
    ['C:', /drive/],
    ['\\payloads', /drive/],
    ['/srv/payloads', /drive/],
    ['\\\\server', /drive/],
    ['\\\\?\\C:\\payloads', /past the rules/],
    ['//./pipe/x', /past the rules/],
    ['D:\\payloads\\aux', /"aux"/],
    ['D:\\payloads\\NUL.txt\\x', /"NUL.txt"/],
    ['D:\\payloads\\maps.', /"maps."/],
    ['D:\\payloads\\maps \\x', /"maps "/],
    ['D:\\payloads\\maps:stream', /"maps:stream"/],
    ['D:\\payloads\\a*', /"a\*"/],
    ['D:\\pay\0loads', /zero byte/],
  ])('%j is refused', (path, reason) => expect(whyNotFull(path, win32)).toMatch(reason));
});

describe('on POSIX', () => {
  test.each(['/', '/srv/aux', '/srv/a:b', '/srv/maps.', '//srv/x'])('%s says where it is', (path) =>
    expect(whyNotFull(path, posix)).toBeUndefined(),
  );

  test.each(['srv', './srv', 'C:\\srv', '/srv\0'])('%j is refused', (path) =>
    expect(whyNotFull(path, posix)).toBeDefined(),
  );
});

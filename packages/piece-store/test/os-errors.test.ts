import { expect, test } from 'vitest';
import { storeErrorOf } from '../src/node/os-errors.ts';
import { StoreError } from '../src/store-error.ts';

test('each error of the platform becomes a code of ours, with the path and what to do', () => {
  const codes = {
    ENOSPC: 'disk-full',
    EDQUOT: 'disk-full',
    EACCES: 'permission-denied',
    EPERM: 'permission-denied',
    EBUSY: 'file-busy',
    ENOENT: 'file-missing',
    EMFILE: 'too-many-open-files',
    ENFILE: 'too-many-open-files',
    EROFS: 'read-only',
    EEXIST: 'destination-exists',
    EIO: 'io-failed',
  };
  for (const [code, expected] of Object.entries(codes)) {
    const error = storeErrorOf(Object.assign(new Error(`${code}: said`), { code, path: '/x/y' }));
    expect(error).toMatchObject({ code: expected, path: '/x/y' });
    expect(error.message).toMatch(/^\/x\/y: .+ \(.+: said\)$/);
    expect(error.cause).toMatchObject({ code });
  }
});

test('errors that can pass by themselves say so; a StoreError stays what it is', () => {
  expect(storeErrorOf({ code: 'ENOSPC', message: '' }).transient).toBe(true);
  expect(storeErrorOf({ code: 'EEXIST', message: '' }).transient).toBe(false);
  const own = new StoreError('closed', 'x');
  expect(storeErrorOf(own)).toBe(own);
});

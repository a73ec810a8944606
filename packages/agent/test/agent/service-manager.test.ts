import { describe, expect, test } from 'vitest';

import { passedSocket, tellServiceManager } from '../../src/agent/service-manager.ts';

describe('a socket that is passed', () => {
  test.each([
    ['to another process', { LISTEN_PID: '8', LISTEN_FDS: '1' }, undefined],
    ['to nobody', {}, undefined],
    ['as none', { LISTEN_PID: '7', LISTEN_FDS: '0' }, undefined],
    ['alone', { LISTEN_PID: '7', LISTEN_FDS: '1' }, 3],
    ['alone under any name', { LISTEN_PID: '7', LISTEN_FDS: '1', LISTEN_FDNAMES: 'x.socket' }, 3],
    ['by name', { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'x:api' }, 4],
  ])('%s', (_, environment, descriptor) => {
    expect(passedSocket(environment, 7)).toBe(descriptor);
  });

  test('as one of several without its name is refused', () => {
    const environment = { LISTEN_PID: '7', LISTEN_FDS: '2', LISTEN_FDNAMES: 'x:y' };
    expect(() => passedSocket(environment, 7)).toThrow(/2 sockets .*FileDescriptorName=api/);
  });
});

test('who does not ask is told nothing', async () => {
  await expect(tellServiceManager('READY=1', {})).resolves.toBeUndefined();
});

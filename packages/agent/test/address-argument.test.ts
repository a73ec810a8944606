import { describe, expect, test } from 'vitest';

import { formatAddress, parseAddressArgument, resolveAddress } from '../src/address-argument.ts';

describe('an address argument', () => {
  test.each([
    ['192.0.2.1:6881', '192.0.2.1', 6881],
    ['seed.example:1', 'seed.example', 1],
    ['[2001:db8::1]:6881', '2001:db8::1', 6881],
    ['[::]:0', '::', 0],
  ])('%s is taken apart', (text, host, port) => {
    expect(parseAddressArgument(text)).toEqual({ host, port });
  });

  test.each([
    ['6881', /HOST:PORT/],
    ['192.0.2.1', /HOST:PORT/],
    ['2001:db8::1:6881', /\[2001:db8::1\]:6881/],
    ['host:', /HOST:PORT/],
    ['host:70000', /at most 65535/],
    ['[seed.example]:1', /Only an IPv6 address stands in brackets/],
    ['[fe80::1%eth0]:1', /zone/],
  ])('%s is refused and told what to write', (text, message) => {
    expect(() => parseAddressArgument(text)).toThrow(message);
  });

  test('an address needs no resolution, a name gets its addresses', async () => {
    expect(await resolveAddress({ host: '::1', port: 5 })).toEqual([{ ip: '::1', port: 5 }]);
    const local = await resolveAddress({ host: 'localhost', port: 5 });
    expect(local.map(({ ip }) => ip)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(127\.0\.0\.1|::1)$/)]),
    );
  });

  test('a name that does not exist is a network failure that names it', async () => {
    await expect(resolveAddress({ host: 'nowhere.invalid', port: 5 })).rejects.toMatchObject({
      code: 'host-unknown',
      exitCode: 5,
      message: expect.stringContaining('"nowhere.invalid"') as string,
    });
  });

  test('is written the way it is read', () => {
    expect(['192.0.2.1', '2001:db8::1'].map((ip) => formatAddress({ ip, port: 7 }))).toEqual([
      '192.0.2.1:7',
      '[2001:db8::1]:7',
    ]);
  });
});

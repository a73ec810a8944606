import { isIP } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytesOfIp,
  decodeCompact4,
  decodeCompact6,
  encodeCompact,
  ipOfBytes,
  normalizeIp,
} from '../src/compact-address.ts';
import { WireError } from '../src/wire-error.ts';

const port = fc.integer({ min: 0, max: 0xffff });

describe('normalizeIp', () => {
  it.each([
    ['1.2.3.4', '1.2.3.4'],
    ['255.255.255.255', '255.255.255.255'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['::FFFF:0102:0304', '1.2.3.4'],
  ])('writes %s as %s', (text, normal) => {
    expect(normalizeIp(text)).toBe(normal);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '1.2.3.4.',
    '01.2.3.4',
    '256.1.1.1',
    '127.1',
    '0x7f.0.0.1',
    ' 1.2.3.4',
    '1.2.3.4\n',
    'example.org',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7:8::',
    '1::2::3',
    '12345::',
    '::1.2.3.4:1',
    '1.2.3.4::',
    'fe80::1%eth0',
    '[::1]',
    '::g',
  ])('refuses %j', (text) => {
    expect(normalizeIp(text)).toBeUndefined();
  });

  it('accepts what node:net accepts, zones aside, and nothing else', () => {
    const alphabet = fc.constantFrom('0', '1', '25', '6', 'f', 'F', ':', '::', '.', 'ffff', '1.2.3.4', '%');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.ipV4(),
          fc.ipV6(),
          fc.array(alphabet).map((a) => a.join('')),
        ),
        (text) => {
          expect(normalizeIp(text) !== undefined).toBe(isIP(text) !== 0 && !text.includes('%'));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('gives one text to all spellings of an address', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const normal = normalizeIp(text) ?? '';
        expect(normalizeIp(normal)).toBe(normal);
        expect(ipOfBytes(bytesOfIp(text))).toBe(normal);
      }),
    );
  });
});

describe('compact peers', () => {
  it('take 6 bytes for IPv4 and 18 for IPv6, in network order', () => {
    expect([...encodeCompact({ ip: '1.2.3.4', port: 6881 })]).toEqual([1, 2, 3, 4, 0x1a, 0xe1]);
    expect([...encodeCompact({ ip: '2001:db8::1', port: 1 })]).toEqual([
      0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1,
    ]);
  });

  it('come back from their bytes', () => {
    const ipv4 = fc.record({ ip: fc.ipV4(), port });
    const ipv6 = fc.record({
      ip: fc.ipV6().map((text) => normalizeIp(text) ?? ''),
      port,
    });
    fc.assert(
      fc.property(fc.array(ipv4), fc.array(ipv6), (four, six) => {
        const pure6 = six.filter((peer) => peer.ip.includes(':'));
        expect(decodeCompact4(joined(four.map(encodeCompact)))).toEqual(four);
        expect(decodeCompact6(joined(pure6.map(encodeCompact)))).toEqual(pure6);
      }),
    );
  });

  it('keep their positions, also with port 0 and with IPv4 inside IPv6', () => {
    const mapped = new Uint8Array(36);
    mapped.set([0xff, 0xff, 9, 8, 7, 6, 0, 80], 10);
    expect(decodeCompact6(mapped)).toEqual([
      { ip: '9.8.7.6', port: 80 },
      { ip: '::', port: 0 },
    ]);
  });

  it('are refused when an entry is cut', () => {
    expect(() => decodeCompact4(new Uint8Array(7))).toThrow(WireError);
    expect(() => decodeCompact6(new Uint8Array(20))).toThrow(WireError);
    expect(decodeCompact4(new Uint8Array(0))).toEqual([]);
  });

  it('cannot be made of a host name or of a port beyond 16 bits', () => {
    expect(() => encodeCompact({ ip: 'localhost', port: 1 })).toThrow(RangeError);
    expect(() => encodeCompact({ ip: '1.2.3.4', port: 65_536 })).toThrow(RangeError);
    expect(() => encodeCompact({ ip: '1.2.3.4', port: 1.5 })).toThrow(RangeError);
    expect(() => ipOfBytes(new Uint8Array(5))).toThrow(RangeError);
  });
});

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

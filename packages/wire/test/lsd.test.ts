import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LSD_INFO_HASHES_MAX, decodeLsdAnnounce, encodeLsdAnnounce } from '../src/local/lsd.ts';
import type { LsdAnnounce } from '../src/local/lsd.ts';
import { WireError } from '../src/wire-error.ts';

const HASH = 'aa'.repeat(20);
const infoHash = fc.uint8Array({ minLength: 20, maxLength: 20 });

describe('a local announce', () => {
  it('reads as BEP 14 writes it', () => {
    const announce = { infoHashes: [new Uint8Array(20).fill(0xaa)], port: 6881, cookie: 'name' };
    expect(text(encodeLsdAnnounce(announce, 4))).toBe(
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${HASH}\r\ncookie: name\r\n\r\n\r\n`,
    );
    expect(text(encodeLsdAnnounce(announce, 6))).toContain('\r\nHost: [ff15::efc0:988f]:6771\r\n');
  });

  it('says the same after it was sent', () => {
    fc.assert(
      fc.property(
        fc.array(infoHash, { minLength: 1, maxLength: LSD_INFO_HASHES_MAX }),
        fc.integer({ min: 1, max: 65_535 }),
        fc.option(fc.stringMatching(/^[\x21-\x7e]{1,64}$/), { nil: undefined }),
        fc.constantFrom<4 | 6>(4, 6),
        (infoHashes, port, cookie, family) => {
          const announce: LsdAnnounce = { infoHashes, port, ...(cookie !== undefined && { cookie }) };
          expect(decodeLsdAnnounce(encodeLsdAnnounce(announce, family))).toEqual(announce);
        },
      ),
    );
  });

  it('with the most info-hashes fits into one datagram', () => {
    const infoHashes = Array.from({ length: LSD_INFO_HASHES_MAX }, () => new Uint8Array(20));
    expect(encodeLsdAnnounce({ infoHashes, port: 65_535, cookie: 'x'.repeat(64) }, 4).length).toBeLessThan(
      1400,
    );
    expect(() => encodeLsdAnnounce({ infoHashes: [...infoHashes, new Uint8Array(20)], port: 1 }, 4)).toThrow(
      RangeError,
    );
  });

  it.each(['', 'with space', 'line\r\nInfohash: x', 'x'.repeat(65)])(
    'is not sent with the cookie %j',
    (cookie) => {
      expect(() => encodeLsdAnnounce({ infoHashes: [new Uint8Array(20)], port: 1, cookie }, 4)).toThrow(
        RangeError,
      );
    },
  );

  it('is understood in other clients’ spelling', () => {
    const announce = decodeLsdAnnounce(
      bytes(
        `BT-SEARCH * HTTP/1.1\r\nINFOHASH:${HASH.toUpperCase()}\r\nx: y\r\nport:  7 \r\nInfohash: 12\r\n\r\n`,
      ),
    );
    expect(announce).toEqual({ infoHashes: [new Uint8Array(20).fill(0xaa)], port: 7 });
  });

  it.each([
    ['another request', `M-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ${HASH}\r\n\r\n`],
    ['no port', `BT-SEARCH * HTTP/1.1\r\nInfohash: ${HASH}\r\n\r\n`],
    ['port zero', `BT-SEARCH * HTTP/1.1\r\nPort: 0\r\nInfohash: ${HASH}\r\n\r\n`],
    ['a port above 16 bits', `BT-SEARCH * HTTP/1.1\r\nPort: 65536\r\nInfohash: ${HASH}\r\n\r\n`],
    ['a port in hexadecimal', `BT-SEARCH * HTTP/1.1\r\nPort: 0x1a\r\nInfohash: ${HASH}\r\n\r\n`],
    ['no info-hash', 'BT-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n'],
    ['no header', `BT-SEARCH * HTTP/1.1\r\nhello\r\nPort: 1\r\nInfohash: ${HASH}\r\n\r\n`],
    ['nothing', ''],
    ['too much', `BT-SEARCH * HTTP/1.1\r\nPort: 1\r\nInfohash: ${HASH}\r\nx: ${'y'.repeat(1400)}\r\n\r\n`],
  ])('is malformed with %s', (_, datagram) => {
    expect(() => decodeLsdAnnounce(bytes(datagram))).toThrow(
      expect.objectContaining({ code: 'announce-malformed' }),
    );
  });

  it('mutated in any way is an announce or our error', () => {
    const original = encodeLsdAnnounce({ infoHashes: [new Uint8Array(20)], port: 80, cookie: 'me' }, 4);
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const datagram = original.slice();
        datagram[at] = value;
        expect(isSound(datagram)).toBe(true);
      }),
    );
  });
});

function isSound(datagram: Uint8Array): boolean {
  try {
    return decodeLsdAnnounce(datagram).infoHashes.length <= LSD_INFO_HASHES_MAX;
  } catch (error) {
    return error instanceof WireError;
  }
}

function text(datagram: Uint8Array): string {
  return String.fromCharCode(...datagram);
}

function bytes(datagram: string): Uint8Array {
  return Uint8Array.from(datagram, (character) => character.charCodeAt(0));
}

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalizeIp } from '../src/compact-address.ts';
import { bytesOfHex, hexOf } from '../src/hex.ts';
import { formatMagnet, type Magnet, parseMagnet } from '../src/magnet.ts';
import { WireError } from '../src/wire-error.ts';

const HEX = 'c12fe1c06bba254a9dc9f519b335aa7c1367a88a';
const BASE32 = 'YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK';
const HEX2 = '0123456789abcdef'.repeat(4);

function messageOf(text: string): string {
  try {
    parseMagnet(text);
  } catch (error) {
    if (error instanceof WireError && error.code === 'magnet-invalid') return error.message;
    throw error;
  }
  return 'no error';
}

describe('parseMagnet', () => {
  it('reads all that BEP 9 and 53 name', () => {
    const magnet = parseMagnet(
      `magnet:?xt=urn:btih:${HEX}&dn=Big+Buck%20Bunny%21&tr=http%3A%2F%2Ft.example%2Fannounce%3Fa%3Db` +
        '&tr.1=udp://u.example:80&x.pe=10.0.0.1:6881&x.pe=[2001:DB8::1]:51413&ws=https%3A%2F%2Fw.example%2Fp%2F' +
        '&so=0,2,4,6-8&xl=123&kt=x&foo',
    );
    expect(hexOf(magnet.infoHashes.v1 ?? new Uint8Array())).toBe(HEX);
    expect(magnet).toMatchObject({
      name: 'Big Buck Bunny!',
      trackers: ['http://t.example/announce?a=b', 'udp://u.example:80'],
      peers: [
        { ip: '10.0.0.1', port: 6881 },
        { ip: '2001:db8::1', port: 51_413 },
      ],
      webSeeds: ['https://w.example/p/'],
      selectOnly: [
        { first: 0, last: 0 },
        { first: 2, last: 2 },
        { first: 4, last: 4 },
        { first: 6, last: 8 },
      ],
    });
  });

  it('takes the info-hash in base32 and in any case, and the whole link in any case', () => {
    for (const hash of [HEX.toUpperCase(), BASE32, BASE32.toLowerCase()]) {
      const { infoHashes } = parseMagnet(`  MAGNET:?XT=URN:BTIH:${hash}\n`);
      expect(hexOf(infoHashes.v1 ?? new Uint8Array())).toBe(HEX);
    }
  });

  it('recognises v2 hashes, alone or beside v1', () => {
    const both = parseMagnet(`magnet:?xt=urn:btih:${HEX}&xt=urn:btmh:1220${HEX2}`);
    expect(both.infoHashes).toEqual({ v1: bytesOfHex(HEX), v2: bytesOfHex(HEX2) });
    expect(parseMagnet(`magnet:?xt=urn:btmh:1220${HEX2}`).infoHashes).toEqual({ v2: bytesOfHex(HEX2) });
  });

  it('leaves out trackers, seeds and peers that are not usable', () => {
    const magnet = parseMagnet(
      `magnet:?xt=urn:btih:${HEX}&tr=file:///etc/passwd&tr=javascript:x&tr=http://a b&ws=ftp://x/&x.pe=host.example:1` +
        '&x.pe=1.2.3.4:0&x.pe=1.2.3.4:65536&x.pe=1.2.3.4&x.pe=[::1&dn=',
    );
    expect(magnet).toEqual({
      infoHashes: { v1: bytesOfHex(HEX) },
      trackers: [],
      webSeeds: [],
      peers: [],
    });
  });

  it.each([
    ['', 'magnet:?'],
    ['http://example.org', 'magnet:?'],
    ['magnet:?dn=x', 'names no torrent'],
    ['magnet:?xt=urn:sha1:abc', 'names no torrent'],
    ['magnet:?xt=urn:btih:123', '40 hex digits'],
    [`magnet:?xt=urn:btih:${HEX.slice(1)}g`, '40 hex digits'],
    ['magnet:?xt=urn:btih:0189OILL89OILL89OILL89OILL89OILL', 'base32'],
    [`magnet:?xt=urn:btmh:1114${HEX}`, '1220'],
    [`magnet:?xt=urn:btih:${HEX}&xt=urn:btih:${HEX.replace('c', 'd')}`, 'two torrents'],
    [`magnet:?xt=urn:btih:${HEX}&so=3-1`, '"3-1"'],
    [`magnet:?xt=urn:btih:${HEX}&so=1,,2`, 'file numbers'],
    [`magnet:?xt=urn:btih:${HEX}&so=9999999`, 'file numbers'],
    [`magnet:?xt=urn:btih:${HEX}&so=${'1,'.repeat(500)}1`, 'at most 200'],
    [`magnet:?xt=urn:btih:${HEX}&dn=${'x'.repeat(70_000)}`, 'at most 65536'],
  ])('says what is wrong with %s', (text, words) => {
    expect(messageOf(text)).toContain(words);
  });

  it('keeps no more of each kind than it says', () => {
    const trackers = Array.from({ length: 1000 }, (_, i) => `&tr=http://t${i}/`).join('');
    const peers = Array.from({ length: 1000 }, () => '&x.pe=1.1.1.1:1').join('');
    const magnet = parseMagnet(`magnet:?xt=urn:btih:${HEX}${trackers}${peers}`);
    expect([magnet.trackers.length, magnet.peers.length]).toEqual([200, 200]);
  });
});

describe('formatMagnet', () => {
  const url = (scheme: string): fc.Arbitrary<string> =>
    fc.webUrl({ withQueryParameters: true }).map((text) => text.replace(/^https?/, scheme));
  const index = fc.nat(999_999);
  const magnets = fc.record(
    {
      infoHashes: fc.constantFrom<Magnet['infoHashes']>(
        { v1: bytesOfHex(HEX) ?? new Uint8Array() },
        { v2: bytesOfHex(HEX2) ?? new Uint8Array() },
      ),
      name: fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
      trackers: fc.uniqueArray(url('udp'), { maxLength: 3 }),
      webSeeds: fc.uniqueArray(url('https'), { maxLength: 3 }),
      peers: fc.array(
        fc.record({
          ip: fc.oneof(fc.ipV4(), fc.ipV6()).map((ip) => normalizeIp(ip) ?? ''),
          port: fc.integer({ min: 1, max: 65_535 }),
        }),
        { maxLength: 3 },
      ),
      selectOnly: fc.array(
        fc.tuple(index, index).map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
        { minLength: 1, maxLength: 5 },
      ),
    },
    { requiredKeys: ['infoHashes', 'trackers', 'webSeeds', 'peers'] },
  );

  it('writes a link that reads back as the same', () => {
    fc.assert(
      fc.property(magnets, (magnet) => {
        expect(parseMagnet(formatMagnet(magnet))).toEqual(magnet);
      }),
    );
  });

  it('refuses to name nothing', () => {
    expect(() => formatMagnet({ infoHashes: {}, trackers: [], webSeeds: [], peers: [] })).toThrow(RangeError);
  });

  it('survives any mutation of a link when it is read', () => {
    fc.assert(
      fc.property(magnets, fc.nat(), fc.string({ maxLength: 5 }), (magnet, at, insert) => {
        const link = formatMagnet(magnet);
        const cut = at % link.length;
        messageOf(link.slice(0, cut) + insert + link.slice(cut + (at % 3)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('hex', () => {
  it('goes both ways and refuses anything else', () => {
    expect(hexOf(bytesOfHex('00fFa0') ?? new Uint8Array())).toBe('00ffa0');
    expect([bytesOfHex('0'), bytesOfHex('0g'), bytesOfHex(' 0')]).toEqual([undefined, undefined, undefined]);
  });
});

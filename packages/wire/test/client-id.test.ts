import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientName, makePeerId } from '../src/client-id.ts';

const idOf = (text: string): Uint8Array => Buffer.from(text.padEnd(20, 'x'), 'latin1');
const random = Uint8Array.from({ length: 12 }, (_, i) => 200 + i);

describe('makePeerId', () => {
  it('names this engine and its version and ends in the random bytes', () => {
    const id = makePeerId(random);
    expect(Buffer.from(id.subarray(0, 8)).toString()).toBe('-BR0100-');
    expect(id.subarray(8)).toEqual(random);
    expect(clientName(makePeerId(random, '1.12.3'))).toBe('Brine 1.12.3');
  });

  it('carries the version of the package', () => {
    const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(clientName(makePeerId(random))).toBe(`Brine ${manifest.version}`);
  });

  it('refuses other amounts of randomness and versions that do not fit', () => {
    expect(() => makePeerId(new Uint8Array(11))).toThrow(RangeError);
    expect(() => makePeerId(random, '36.0.0')).toThrow(RangeError);
  });
});

describe('clientName', () => {
  it.each([
    ['-TR3000-', 'Transmission 3.00'],
    ['-TR2940-', 'Transmission 2.94'],
    ['-TR4060-', 'Transmission 4.0.6'],
    ['-LT2080-', 'libtorrent (Rasterbar) 2.0.8'],
    ['-LT20B0-', 'libtorrent (Rasterbar) 2.0.11'],
    ['A2-1-36-0-', 'aria2 1.36.0'],
    ['-UT3550-', 'µTorrent 3.5.5'],
    ['-qB4520-', 'qBittorrent 4.5.2'],
    ['-DE13F0-', 'Deluge 1.3.15'],
    ['-DE211s-', 'Deluge 2.1.1'],
    ['-lt0D80-', 'rTorrent (libTorrent) 0.13.8'],
    ['-AZ5760-', 'Vuze 5.7.6.0'],
    ['-WW0201-', 'WebTorrent 2.1'],
    ['-BR0100-', 'Brine 0.1.0'],
    ['-XY1234-', 'XY 1.2.3.4'],
    ['M7-10-5--', 'BitTorrent Mainline 7.10.5'],
    ['T03I------', 'BitTornado 0.3.18'],
    ['S587------', 'Shadow 5.8.7'],
  ])('reads %s as %s', (id, name) => {
    expect(clientName(idOf(id))).toBe(name);
  });

  it('escapes what it does not know, so that it can be printed anywhere', () => {
    expect(clientName(idOf('\u001b[31m\u0000'))).toBe('\\x1b[31m\\x00xxxxxxxxxxxxxx');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (id) => {
        expect(clientName(id)).toMatch(/^[ -~µ]{1,80}$/);
      }),
    );
  });
});

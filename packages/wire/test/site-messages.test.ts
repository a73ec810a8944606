import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { CLAIMED_PIECES_MAX, decodeSiteMessage, encodeSiteMessage } from '../src/peer/site-messages.ts';
import type { SiteMessage, SiteStatus } from '../src/peer/site-messages.ts';
import { WireError } from '../src/wire-error.ts';

const uint32 = fc.nat(0xffff_ffff);
const status: fc.Arbitrary<SiteStatus> = fc.record({
  able: fc.boolean(),
  fetching: fc.boolean(),
  hungryDown: fc.boolean(),
  hungryUp: fc.boolean(),
  downRate: uint32,
  upRate: uint32,
});
const label = fc
  .string({ unit: 'grapheme', maxLength: 128 })
  .filter((text) => Buffer.byteLength(text) <= 128);
const message: fc.Arbitrary<SiteMessage> = fc.oneof(
  fc.record({ type: fc.constant('hello' as const), label, status }),
  fc.record({ type: fc.constant('status' as const), status }),
  fc.record({ type: fc.constantFrom('ping' as const, 'pong' as const), stamp: uint32 }),
  fc.record({
    type: fc.constantFrom('claim' as const, 'hold' as const, 'release' as const),
    pieces: fc.array(uint32, { maxLength: CLAIMED_PIECES_MAX }),
  }),
);

const IDLE: SiteStatus = {
  able: false,
  fetching: false,
  hungryDown: false,
  hungryUp: false,
  downRate: 0,
  upRate: 0,
};

describe('a message between members of a site', () => {
  it('reads as docs/claims.md writes it', () => {
    const busy = { able: true, fetching: true, hungryDown: false, hungryUp: true, downRate: 258, upRate: 5 };
    expect(hex({ type: 'hello', label: 'de/muc', status: busy })).toBe('00010b000001020000000564652f6d7563');
    expect(hex({ type: 'status', status: { ...IDLE, hungryDown: true } })).toBe('01040000000000000000');
    expect(hex({ type: 'claim', pieces: [7, 0xffff_ffff] })).toBe('0200000007ffffffff');
    expect(hex({ type: 'hold', pieces: [1] })).toBe('0300000001');
    expect(hex({ type: 'release', pieces: [] })).toBe('04');
    expect(hex({ type: 'ping', stamp: 258 })).toBe('0500000102');
    expect(hex({ type: 'pong', stamp: 0xffff_ffff })).toBe('06ffffffff');
  });

  it('says the same after it was sent', () => {
    fc.assert(
      fc.property(message, (sent) => {
        expect(decodeSiteMessage(encodeSiteMessage(sent))).toEqual(sent);
      }),
    );
  });

  it('damaged in any way is refused in order, left alone, or another valid one', () => {
    const damage = fc.record({ at: fc.nat(1100), byte: fc.nat(255), keep: fc.nat(1100) });
    fc.assert(
      fc.property(message, fc.array(damage, { minLength: 1, maxLength: 4 }), (sent, damages) => {
        let bytes = encodeSiteMessage(sent);
        for (const { at, byte, keep } of damages) {
          if (at < bytes.length) bytes[at] = byte;
          if (keep < bytes.length) bytes = bytes.slice(0, keep);
        }
        expect(troubleWith(bytes)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('of any bytes is refused in order, left alone, or valid', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(troubleWith(bytes)).toBeUndefined();
      }),
      { numRuns: 1000 },
    );
  });

  it('of a later version or of an unknown type is left alone', () => {
    const hello = encodeSiteMessage({ type: 'hello', label: 'hq', status: IDLE });
    hello[1] = 2;
    expect(decodeSiteMessage(hello)).toBeUndefined();
    expect(decodeSiteMessage(Uint8Array.of(200, 1, 2, 3))).toBeUndefined();
  });

  it('may carry more behind a status than this version knows, and unknown flags', () => {
    expect(decodeSiteMessage(Uint8Array.of(1, 0xf1, 0, 0, 0, 1, 0, 0, 0, 2, 9, 9))).toEqual({
      type: 'status',
      status: { ...IDLE, able: true, downRate: 1, upRate: 2 },
    });
  });

  it.each([
    ['nothing', []],
    ['half a hello', [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['half a status', [1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['half a piece', [2, 0, 0, 0, 1, 0]],
    ['too many pieces', [3, ...new Uint8Array(4 * (CLAIMED_PIECES_MAX + 1))]],
    ['a label that is too long', [0, 1, ...new Uint8Array(9 + 129)]],
  ])('that is %s is refused', (_, bytes) => {
    expect(() => decodeSiteMessage(Uint8Array.from(bytes))).toThrow(WireError);
  });

  it('that is too long is not made', () => {
    expect(() => encodeSiteMessage({ type: 'hello', label: 'ü'.repeat(65), status: IDLE })).toThrow(
      RangeError,
    );
    const pieces = Array.from({ length: CLAIMED_PIECES_MAX + 1 }, (_, piece) => piece);
    expect(() => encodeSiteMessage({ type: 'claim', pieces })).toThrow(RangeError);
  });

  it('tells rates that four bytes cannot hold as the nearest that they can', () => {
    const extreme = { ...IDLE, downRate: 1e12, upRate: -1 };
    expect(decodeSiteMessage(encodeSiteMessage({ type: 'status', status: extreme }))).toEqual({
      type: 'status',
      status: { ...IDLE, downRate: 0xffff_ffff, upRate: 0 },
    });
  });
});

/** What is wrong with how bytes were read, if anything. */
function troubleWith(bytes: Uint8Array): unknown {
  try {
    const read = decodeSiteMessage(bytes);
    if (read !== undefined && 'pieces' in read && read.pieces.length > CLAIMED_PIECES_MAX) return read;
    if (read !== undefined && 'label' in read && read.label.length > 128) return read;
    return undefined;
  } catch (error) {
    return error instanceof WireError ? undefined : error;
  }
}

function hex(sent: SiteMessage): string {
  return Buffer.from(encodeSiteMessage(sent)).toString('hex');
}

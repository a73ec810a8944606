// oxlint-disable-next-line typescript/triple-slash-reference -- the declaration is internal to src, there is nothing to import
/// <reference path="../src/bencode.d.ts" />
import npmBencode from 'bencode';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BencodeLimits, BencodeValue } from '../src/bencode/bencode-value.ts';
import { decodeBencode, decodeBencodePrefix, isDictionary } from '../src/bencode/decode.ts';
import { type BencodeInput, encodeBencode } from '../src/bencode/encode.ts';
import { WireError } from '../src/wire-error.ts';

const bytesOf = (binary: string): Uint8Array => Uint8Array.from(binary, (c) => c.codePointAt(0) ?? 0);
const decode = (binary: string, limits?: BencodeLimits): BencodeValue =>
  decodeBencode(bytesOf(binary), limits);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  return 'no error';
}

const binaryKey = fc.uint8Array({ maxLength: 6 }).map((key) => String.fromCodePoint(...key));
const value = fc.letrec<{ node: BencodeValue }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    fc.uint8Array({ maxLength: 20 }),
    fc.array(tie('node'), { maxLength: 5 }),
    fc.array(fc.tuple(binaryKey, tie('node')), { maxLength: 5 }).map((entries) => new Map(entries)),
  ),
})).node as fc.Arbitrary<BencodeInput & BencodeValue>;

describe('decodeBencode', () => {
  it('reads strings as views, integers, lists and dictionaries', () => {
    const source = bytesOf('d3:keyl4:spami-42eee');
    const read = decodeBencode(source);
    if (!isDictionary(read)) throw new Error('not a dictionary');
    const list = read.get('key') as readonly BencodeValue[];
    expect(list).toEqual([bytesOf('spam'), -42]);
    expect((list[0] as Uint8Array).buffer).toBe(source.buffer);
    expect([decode('0:'), decode('le'), decode('de'), decode('i0e')]).toEqual([
      bytesOf(''),
      [],
      new Map(),
      0,
    ]);
    expect(decode('ld1:ali1eeeli2eee')).toEqual([new Map([['a', [1]]]), [2]]);
  });

  it.each([
    ['nothing', ''],
    ['a cut integer', 'i12'],
    ['an empty integer', 'ie'],
    ['a bare minus', 'i-e'],
    ['minus zero', 'i-0e'],
    ['a leading zero', 'i03e'],
    ['a negative leading zero', 'i-03e'],
    ['a plus sign', 'i+3e'],
    ['a fraction', 'i1.5e'],
    ['an integer beyond 64 bits', 'i18446744073709551616e'],
    ['a negative integer beyond 64 bits', 'i-9223372036854775809e'],
    ['a thousand digits', `i1${'0'.repeat(1000)}e`],
    ['a cut string', '5:spam'],
    ['a string length with a leading zero', '01:a'],
    ['a string length of 00', '00:'],
    ['a string longer than memory', '99999999999999999999:a'],
    ['a string without a colon', '4'],
    ['a negative string length', '-1:a'],
    ['a bare colon', ':'],
    ['an open list', 'li1e'],
    ['an open dictionary', 'd1:a1:b'],
    ['a key without a value', 'd1:ae'],
    ['a last key without a value', 'd1:a1:b1:ce'],
    ['an integer as key', 'di1e1:ae'],
    ['a list as key', 'dle1:ae'],
    ['a key twice', 'd1:ai1e1:ai2ee'],
    ['a key twice, out of order', 'd1:ai1e1:ci2e1:bi3e1:ai4ee'],
    ['a bare end', 'e'],
    ['an end too many', 'lee'],
    ['something behind the value', 'i1ei2e'],
    ['an unknown type', 'x'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => decode(text))).toBe('bencode-malformed');
  });

  it('keeps integers beyond 2^53 exact, as bigints, up to 64 bits', () => {
    expect(decode('i9007199254740991e')).toBe(2 ** 53 - 1);
    expect(decode('i9007199254740993e')).toBe(2n ** 53n + 1n);
    expect(decode('i-9223372036854775808e')).toBe(-(2n ** 63n));
    expect(decode('i18446744073709551615e')).toBe(2n ** 64n - 1n);
  });

  it('tolerates keys out of order, and keeps the order', () => {
    expect([...(decode('d1:bi1e1:ai2ee') as ReadonlyMap<string, BencodeValue>).keys()]).toEqual(['b', 'a']);
  });

  it('keeps keys that are not text', () => {
    const key = 'ÿ\u0000\u0080';
    expect(decode(`d3:${key}i1ee`)).toEqual(new Map([[key, 1]]));
  });

  it('stops at the limits of depth, size and number, however deep the bomb', () => {
    expect(codeOf(() => decode('l'.repeat(100) + 'e'.repeat(100)))).toBe('no error');
    expect(codeOf(() => decode('l'.repeat(101) + 'e'.repeat(101)))).toBe('bencode-too-deep');
    expect(codeOf(() => decode('d1:a'.repeat(100_000)))).toBe('bencode-too-deep');
    expect(codeOf(() => decode('lli1eee', { depthMax: 1 }))).toBe('bencode-too-deep');
    expect(codeOf(() => decode('4:spam', { bytesMax: 5 }))).toBe('bencode-too-large');
    expect(codeOf(() => decode('l1:a1:be', { tokensMax: 2 }))).toBe('bencode-too-large');
    expect(codeOf(() => decode(`l${'0:'.repeat(250_000)}e`))).toBe('bencode-too-large');
    expect(codeOf(() => decodeBencode(new Uint8Array(4 * 1024 * 1024 + 1)))).toBe('bencode-too-large');
  });

  it('reads many repeated keys out of order in linear time', () => {
    const pairs = Array.from({ length: 40_000 }, (_, i) => `5:${String(99_999 - i)}0:`).join('');
    expect((decode(`d${pairs}e`) as ReadonlyMap<string, BencodeValue>).size).toBe(40_000);
  });
});

describe('decodeBencodePrefix', () => {
  it('says where the value ends, so that what follows can be used', () => {
    const { value: read, length } = decodeBencodePrefix(bytesOf('d5:piecei0eeDATA'));
    expect(read).toEqual(new Map([['piece', 0]]));
    expect(length).toBe(12);
  });

  it('gives the exact place of each value of the dictionary', () => {
    const text = 'd1:a10:01234567891:bi-7e4:infod1:xi1ee1:zl0:ee';
    const { spans } = decodeBencodePrefix(bytesOf(text));
    const cut = [...spans].map(([key, { start, end }]) => [key, text.slice(start, end)]);
    expect(cut).toEqual([
      ['a', '10:0123456789'],
      ['b', 'i-7e'],
      ['info', 'd1:xi1ee'],
      ['z', 'l0:e'],
    ]);
    expect(decodeBencodePrefix(bytesOf('i1e')).spans.size).toBe(0);
  });
});

describe('encodeBencode', () => {
  it('writes keys in the order of their raw bytes and leaves undefined fields out', () => {
    expect(encodeBencode({ b: 1, a: 'ü', '\u00ff': [], B: undefined, aa: new Uint8Array(1) })).toEqual(
      bytesOf('d1:a2:\u00c3\u00bc2:aa1:\u00001:bi1e1:\u00fflee'),
    );
    const keys = ['\u00ff', '\u0080', 'z', '', 'zz', '\u0000'];
    expect(encodeBencode(new Map(keys.map((key) => [key, 0])))).toEqual(
      bytesOf('d0:i0e1:\u0000i0e1:zi0e2:zzi0e1:\u0080i0e1:\u00ffi0ee'),
    );
  });

  it('refuses numbers and keys that bencode cannot carry', () => {
    for (const number of [1.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => encodeBencode(number)).toThrow(RangeError);
    }
    expect(() => encodeBencode({ ключ: 1 })).toThrow(RangeError);
  });
});

describe('the codec', () => {
  it('decodes what it encoded to the same value', () => {
    fc.assert(
      fc.property(value, (input) => {
        expect(decodeBencode(encodeBencode(input))).toEqual(input);
      }),
    );
  });

  it('agrees with the npm decoder on valid input', () => {
    fc.assert(
      fc.property(value, (input) => {
        const bytes = encodeBencode(input);
        expect(likeNpm(decodeBencode(bytes))).toEqual(npmBencode.decode(bytes));
      }),
    );
  });

  it('answers any mutation of valid bytes with a value or a WireError', () => {
    const edit = fc.tuple(fc.nat(), fc.constantFrom(...bytesOf('idle0123456789:-\u0000\u00ff')), fc.nat(2));
    fc.assert(
      fc.property(value, fc.array(edit, { minLength: 1, maxLength: 4 }), (input, edits) => {
        const bytes = [...encodeBencode(input)];
        for (const [at, byte, deleted] of edits) bytes.splice(at % (bytes.length + 1), deleted, byte);
        const source = Uint8Array.from(bytes);
        if (codeOf(() => decodeBencode(source)) !== 'no error') return;
        // What was accepted is what a canonical writer writes, up to the order of keys.
        const read = decodeBencode(source);
        if (hasBigint(read)) return;
        const written = encodeBencode(read as BencodeInput);
        expect(written.length).toBe(source.length);
        expect(sorted(decodeBencode(written))).toEqual(sorted(read));
      }),
      { numRuns: 2000 },
    );
  });
});

/** The npm decoder makes plain objects, with keys as text or, when they are not UTF-8, as hex. */
function likeNpm(read: BencodeValue): unknown {
  if (Array.isArray(read)) return read.map(likeNpm);
  if (!isDictionary(read)) return read;
  const entries = [...read].map(([key, item]) => {
    const text = new TextDecoder().decode(bytesOf(key));
    return [text.includes('\ufffd') ? Buffer.from(key, 'latin1').toString('hex') : text, likeNpm(item)];
  });
  return Object.fromEntries(entries);
}

function hasBigint(read: BencodeValue): boolean {
  if (Array.isArray(read)) return read.some(hasBigint);
  return isDictionary(read) ? [...read.values()].some(hasBigint) : typeof read === 'bigint';
}

function sorted(read: BencodeValue): unknown {
  if (Array.isArray(read)) return read.map(sorted);
  if (!isDictionary(read)) return read;
  return [...read].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]);
}

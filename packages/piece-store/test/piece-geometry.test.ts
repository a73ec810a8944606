import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LayoutFile, PayloadLayout } from '../src/payload-layout.ts';
import {
  blockCountOf,
  extentsOf,
  pieceLengthAt,
  piecesOf,
  wantedBytes,
  wantedPieceBits,
} from '../src/piece-geometry.ts';
import { PieceSet } from '../src/piece-set.ts';

function layout(
  pieceLength: number,
  lengths: readonly number[],
  padding: readonly number[] = [],
): PayloadLayout {
  let offset = 0;
  const files: LayoutFile[] = lengths.map((length, index) => {
    const file = {
      path: [`${index}`],
      length,
      offset,
      padding: padding.includes(index),
      executable: false,
      hidden: false,
    };
    offset += length;
    return file;
  });
  const pieceCount = Math.ceil(offset / pieceLength);
  return {
    name: 'x',
    folder: true,
    pieceLength,
    pieceCount,
    totalLength: offset,
    pieceHashes: new Uint8Array(20 * pieceCount),
    files,
  };
}

const layouts = fc
  .tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.array(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 30 }),
  )
  .map(([pieceLength, lengths]) => layout(pieceLength, lengths))
  .filter(({ totalLength }) => totalLength > 0);

describe('piece geometry', () => {
  test('the extents of all pieces tile every file exactly once, in order', () => {
    fc.assert(
      fc.property(layouts, (given) => {
        const filled = given.files.map(() => 0);
        for (let piece = 0; piece < given.pieceCount; piece++) {
          let at = 0;
          for (const extent of extentsOf(given, piece)) {
            expect(extent.runOffset).toBe(at);
            expect(extent.fileOffset).toBe(filled[extent.file]);
            expect(extent.length).toBeGreaterThan(0);
            filled[extent.file]! += extent.length;
            at += extent.length;
          }
          expect(at).toBe(pieceLengthAt(given, piece));
        }
        expect(filled).toEqual(given.files.map((file) => file.length));
      }),
    );
  });

  test('any run inside a piece is covered exactly', () => {
    fc.assert(
      fc.property(layouts, fc.nat(), fc.nat(), fc.nat(), (given, a, b, c) => {
        const piece = a % given.pieceCount;
        const size = pieceLengthAt(given, piece);
        const begin = b % size;
        const length = 1 + (c % (size - begin));
        const extents = extentsOf(given, piece, begin, length);
        expect(extents.reduce((sum, extent) => sum + extent.length, 0)).toBe(length);
        for (const { file, fileOffset, runOffset } of extents) {
          expect(given.files[file]!.offset + fileOffset).toBe(piece * given.pieceLength + begin + runOffset);
        }
      }),
    );
  });

  test('a piece belongs to a file exactly when one of its extents does', () => {
    fc.assert(
      fc.property(layouts, (given) => {
        given.files.forEach((_, file) => {
          const { first, end } = piecesOf(given, file);
          for (let piece = 0; piece < given.pieceCount; piece++) {
            expect(extentsOf(given, piece).some((extent) => extent.file === file)).toBe(
              piece >= first && piece < end,
            );
          }
        });
      }),
    );
  });

  test('wanted pieces touch a wanted file; padding never counts', () => {
    const given = layout(10, [5, 10, 7, 8], [2]);
    expect(wantedPieceBits(given)[0]).toBe(0b1110_0000);
    expect(wantedPieceBits(given, [true, false, false, false])[0]).toBe(0b1000_0000);
    expect(wantedPieceBits(given, [false, false, true, false])[0]).toBe(0);
    expect(wantedPieceBits(given, [false, true, false, false])[0]).toBe(0b1100_0000);
    expect(wantedBytes(given)).toBe(23);
    expect(wantedBytes(given, [true, false, true, true])).toBe(13);
  });

  test('the last piece is as short as the payload makes it', () => {
    const given = layout(32 * 1024, [32 * 1024 + 1]);
    expect([pieceLengthAt(given, 0), pieceLengthAt(given, 1)]).toEqual([32 * 1024, 1]);
    expect([blockCountOf(given, 0), blockCountOf(given, 1)]).toEqual([2, 1]);
  });

  test('finding a piece among 100,000 files looks at few of them', () => {
    const given = layout(
      256,
      Array.from({ length: 100_000 }, (_, index) => index % 7),
    );
    let looks = 0;
    const files = new Proxy(given.files, {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
        return Reflect.get(target, key) as unknown;
      },
    });
    const extents = extentsOf({ ...given, files }, given.pieceCount >> 1);
    expect(looks).toBeLessThan(40 + 2 * extents.length);
  });
});

describe('piece set', () => {
  test('it counts, copies its input, and keeps spare bits zero', () => {
    const bits = new Uint8Array([0xff, 0xff]);
    const set = new PieceSet(10, bits);
    expect(set.count).toBe(10);
    expect([...set.toBits()]).toEqual([0xff, 0xc0]);
    expect(set.delete(3)).toBe(true);
    expect(set.delete(3)).toBe(false);
    expect(bits[0]).toBe(0xff);
    expect(set.add(10)).toBe(false);
    expect(set.add(-1)).toBe(false);
    expect(set.has(-1)).toBe(false);
    expect([...set]).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
    expect(set.covers(new Uint8Array([0xef, 0xc0]))).toBe(true);
    expect(set.covers(new Uint8Array([0xff, 0xc0]))).toBe(false);
  });
});

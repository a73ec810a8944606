import { expect, it } from 'vitest';
import * as fc from 'fast-check';

import { PeerPieces } from '../../src/policy/piece-set.ts';

it('takes no memory for a peer that has nothing or everything', () => {
  const pieces = new PeerPieces(12);
  expect(pieces.bits).toBeUndefined();
  pieces.assign(Uint8Array.of(0xff, 0xf0));
  expect([pieces.bits, pieces.count, pieces.complete, pieces.has(11)]).toEqual([undefined, 12, true, true]);
  pieces.clear();
  expect([pieces.count, pieces.complete, pieces.has(0)]).toEqual([0, false, false]);
});

it('keeps its own copy of a bitfield', () => {
  const received = Uint8Array.of(0b1010_0000);
  const pieces = new PeerPieces(5);
  pieces.assign(received);
  received.fill(0);
  expect([0, 1, 2, 3, 4].filter((piece) => pieces.has(piece))).toEqual([0, 2]);
});

it('gets bits with spare ones zero when a complete peer loses a piece', () => {
  const pieces = new PeerPieces(11);
  pieces.fill();
  expect([pieces.remove(3), pieces.remove(3), pieces.count]).toEqual([true, false, 10]);
  expect(pieces.bits).toEqual(Uint8Array.of(0b1110_1111, 0b1110_0000));
});

it('behaves as a set of numbers', () => {
  const changes = fc.array(fc.record({ piece: fc.nat(18), add: fc.boolean() }), { maxLength: 80 });
  fc.assert(
    fc.property(changes, fc.boolean(), (all, full) => {
      const pieces = new PeerPieces(19);
      if (full) pieces.fill();
      const model = new Set<number>(full ? Array.from({ length: 19 }, (_, piece) => piece) : []);
      for (const { piece, add } of all) {
        expect(add ? pieces.add(piece) : pieces.remove(piece)).toBe(add !== model.has(piece));
        if (add) model.add(piece);
        else model.delete(piece);
        expect(pieces.count).toBe(model.size);
        expect(pieces.has(piece)).toBe(add);
      }
    }),
  );
});

import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { PiecePicker } from '../../src/policy/piece-picker.ts';
import { PeerPieces } from '../../src/policy/piece-set.ts';
import { seededRandom } from './seeded-random.ts';

/** One character a piece: `availability` counts peers, `have` and `started` mark with x, `priority` is 0 to 7 (default 1). */
interface Notation {
  readonly availability: string;
  readonly have?: string;
  readonly started?: string;
  readonly priority?: string;
  readonly seed?: number;
}

function picker(notation: Notation): PiecePicker {
  const pieceCount = notation.availability.length;
  const made = new PiecePicker({ pieceCount, random: seededRandom(notation.seed ?? 1), randomFirst: 0 });
  Array.from(notation.availability).forEach((count, piece) => {
    for (let peer = 0; peer < Number(count); peer++) made.increment(piece);
    if (notation.priority !== undefined) made.setPriority(piece, Number(notation.priority[piece]));
    if (notation.started?.[piece] === 'x') made.start(piece);
    if (notation.have?.[piece] === 'x') made.have(piece);
  });
  return made;
}

function peer(marks: string): PeerPieces {
  const pieces = new PeerPieces(marks.length);
  Array.from(marks).forEach((mark, piece) => mark === 'x' && pieces.add(piece));
  return pieces;
}

/** What is picked one after the other, each piece started, until nothing is left. */
function picks(from: PiecePicker, by: PeerPieces): number[] {
  const picked: number[] = [];
  for (let piece = from.pick(by); piece !== -1; piece = from.pick(by)) {
    picked.push(piece);
    from.start(piece);
  }
  return picked;
}

describe('the piece picker', () => {
  it('begins the rarest piece first', () => {
    expect(picks(picker({ availability: '3142' }), peer('xxxx'))).toEqual([1, 3, 0, 2]);
  });

  it('offers nothing that the peer lacks, that we have, that is started or unwanted', () => {
    const from = picker({ availability: '31211', have: '.x...', started: '..x..', priority: '11011' });
    expect(picks(from, peer('xxxx.'))).toEqual([3, 0]);
  });

  it('puts priority above rarity', () => {
    expect(picks(picker({ availability: '1359', priority: '1227' }), peer('xxxx'))).toEqual([3, 1, 2, 0]);
  });

  it('goes from the lowest index in sequential mode, priorities still first', () => {
    const from = picker({ availability: '43211', priority: '11211' });
    from.sequential = true;
    expect(picks(from, peer('xxxxx'))).toEqual([2, 0, 1, 3, 4]);
  });

  it('chooses by chance among equals', () => {
    const first = new Set(
      Array.from({ length: 100 }, (_, seed) => picker({ availability: '2222', seed }).pick(peer('xxxx'))),
    );
    expect(first).toEqual(new Set([0, 1, 2, 3]));
  });

  it('begins the first four pieces of a download by chance, also common ones', () => {
    const commonFirst = Array.from({ length: 50 }, (_, seed) => {
      const from = new PiecePicker({ pieceCount: 20, random: seededRandom(seed) });
      for (let piece = 1; piece < 20; piece++) from.increment(piece);
      const all = new PeerPieces(20);
      all.fill();
      return picks(from, all);
    });
    expect(commonFirst.filter((order) => order.indexOf(0) > 4)).toEqual([]);
    expect(commonFirst.filter((order) => order.indexOf(0) < 4).length).toBeLessThan(25);
  });

  it('offers an abandoned piece again, and a verified one that was lost', () => {
    const from = picker({ availability: '11' });
    const all = peer('xx');
    expect(picks(from, all)).toHaveLength(2);
    from.have(0);
    from.abandon(1);
    expect(picks(from, all)).toEqual([1]);
    from.lose(0);
    expect(picks(from, all)).toEqual([0]);
  });

  it('counts what is open and what is missing', () => {
    const from = picker({ availability: '11111', have: 'x....', started: '.x...', priority: '11110' });
    expect([from.openCount, from.wantedMissingCount]).toEqual([2, 3]);
    from.setPriority(4, 3);
    from.setPriority(1, 0);
    expect([from.openCount, from.wantedMissingCount]).toEqual([3, 3]);
  });

  it('finds a peer interesting for pieces that are missing, also when they are all started', () => {
    const from = picker({ availability: '1111', have: 'x...', started: '.x..', priority: '1110' });
    expect(
      ['x...', '.x..', '..x.', '...x', '....', 'xxxx'].map((has) => from.isInteresting(peer(has))),
    ).toEqual([false, true, true, false, false, true]);
    from.have(1);
    from.have(2);
    expect(from.isInteresting(peer('xxxx'))).toBe(false);
  });

  it('counts seeds without ordering by them', () => {
    const from = picker({ availability: '20' });
    from.addSeed();
    expect([from.availability(0), from.availability(1)]).toEqual([3, 1]);
    from.removeSeed();
    expect(from.availability(1)).toBe(0);
    expect(() => from.removeSeed()).toThrow('never counted');
    expect(() => from.decrement(1)).toThrow('piece 1');
  });

  it('takes back exactly what a peer was counted for, when single haves completed it too', () => {
    const from = picker({ availability: '000' });
    const grown = peer('xx.');
    from.addPeer(grown);
    grown.add(2);
    from.increment(2);
    const seed = new PeerPieces(3);
    seed.fill();
    from.addPeer(seed);
    expect([0, 1, 2].map((piece) => from.availability(piece))).toEqual([2, 2, 2]);
    from.removePeer(grown);
    from.removePeer(seed);
    expect([0, 1, 2].map((piece) => from.availability(piece))).toEqual([0, 0, 0]);
  });

  it('accepts any set of pieces, not only one made of bits', () => {
    const from = picker({ availability: '213', priority: '112' });
    const odd = { count: 2, has: (piece: number) => piece < 2 };
    expect([from.pick(odd), from.isInteresting(odd)]).toEqual([1, true]);
    from.sequential = true;
    expect(from.pick(odd)).toBe(0);
  });

  it('finds the one rare piece of a peer among 100,000 that others have', () => {
    const pieceCount = 100_000;
    const from = new PiecePicker({ pieceCount, random: seededRandom(3), randomFirst: 0 });
    const one = new PeerPieces(pieceCount);
    one.add(77_777);
    for (let more = 0; more < 3; more++) from.increment(77_777);
    expect(from.pick(one)).toBe(77_777);
  });

  it('behaves as a naive model that looks at everything, whatever happens', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(operation(), { maxLength: 60 }),
        fc.nat(),
        (size, operations, seed) => {
          const subject = new PiecePicker({ pieceCount: size, random: seededRandom(seed), randomFirst: 0 });
          const model = new NaivePicker(size);
          for (const operation of operations) apply(operation, size, subject, model);
        },
      ),
      { numRuns: 400 },
    );
  });
});

type Change = 'increment' | 'decrement' | 'start' | 'abandon' | 'have' | 'lose';
type Operation =
  | { readonly kind: Change; readonly piece: number }
  | { readonly kind: 'priority'; readonly piece: number; readonly priority: number }
  | { readonly kind: 'bits'; readonly bits: Uint8Array }
  | { readonly kind: 'pick'; readonly bits: Uint8Array; readonly sequential: boolean };

function operation(): fc.Arbitrary<Operation> {
  const piece = fc.nat(39);
  const bits = fc.uint8Array({ minLength: 5, maxLength: 5 });
  const change = fc.constantFrom<Change>('increment', 'decrement', 'start', 'abandon', 'have', 'lose');
  return fc.oneof(
    fc.record({ kind: change, piece }),
    fc.record({ kind: fc.constant('increment' as const), piece: fc.nat(3) }),
    fc.record({ kind: fc.constant('priority' as const), piece, priority: fc.nat(7) }),
    fc.record({ kind: fc.constant('bits' as const), bits }),
    fc.record({ kind: fc.constant('pick' as const), bits, sequential: fc.boolean() }),
  );
}

class NaivePicker {
  readonly pieces: { availability: number; priority: number; state: 'open' | 'started' | 'had' }[];

  constructor(size: number) {
    this.pieces = Array.from({ length: size }, () => ({ availability: 0, priority: 1, state: 'open' }));
  }

  /** Everything that may be picked, none better than another. */
  best(has: (piece: number) => boolean, sequential: boolean): number[] {
    const open = this.pieces
      .map((piece, index) => ({ ...piece, index }))
      .filter(({ state, priority, index }) => state === 'open' && priority > 0 && has(index));
    const first = Math.max(...open.map(({ priority }) => priority));
    const foremost = open.filter(({ priority }) => priority === first);
    if (sequential) return foremost.slice(0, 1).map(({ index }) => index);
    const rarest = Math.min(...foremost.map(({ availability }) => availability));
    return foremost.filter(({ availability }) => availability === rarest).map(({ index }) => index);
  }
}

function apply(operation: Operation, size: number, subject: PiecePicker, model: NaivePicker): void {
  if (operation.kind === 'bits') {
    subject.addBits(operation.bits);
    for (const [piece, entry] of model.pieces.entries())
      if (bitAt(operation.bits, piece)) entry.availability++;
  } else if (operation.kind === 'pick') {
    subject.sequential = operation.sequential;
    compare(operation.bits, size, subject, model);
  } else {
    applyToPiece(operation, operation.piece % size, subject, model);
  }
}

function compare(bits: Uint8Array, size: number, subject: PiecePicker, model: NaivePicker): void {
  const has = (piece: number): boolean => piece < size && bitAt(bits, piece);
  const peer = { count: model.pieces.filter((_, piece) => has(piece)).length, has, bits };
  const best = model.best(has, subject.sequential);
  expect(best.length === 0 ? [-1] : best).toContain(subject.pick(peer));
  const missing = model.pieces.filter(({ priority, state }) => priority > 0 && state !== 'had');
  expect(subject.wantedMissingCount).toBe(missing.length);
  expect(subject.openCount).toBe(missing.filter(({ state }) => state === 'open').length);
  expect(subject.isInteresting(peer)).toBe(
    model.pieces.some((piece, index) => has(index) && missing.includes(piece)),
  );
}

function applyToPiece(
  operation: Exclude<Operation, { readonly bits: Uint8Array }>,
  piece: number,
  subject: PiecePicker,
  model: NaivePicker,
): void {
  const entry = model.pieces[piece];
  if (entry === undefined) return;
  switch (operation.kind) {
    case 'increment':
      subject.increment(piece);
      entry.availability++;
      break;
    case 'decrement':
      if (entry.availability === 0) return;
      subject.decrement(piece);
      entry.availability--;
      break;
    case 'priority':
      subject.setPriority(piece, operation.priority);
      entry.priority = operation.priority;
      break;
    case 'start':
      if (entry.state !== 'open') return;
      subject.start(piece);
      entry.state = 'started';
      break;
    case 'abandon':
      if (entry.state !== 'started') return;
      subject.abandon(piece);
      entry.state = 'open';
      break;
    case 'have':
      subject.have(piece);
      entry.state = 'had';
      break;
    case 'lose':
      subject.lose(piece);
      entry.state = 'open';
      break;
  }
}

function bitAt(bits: Uint8Array, piece: number): boolean {
  return ((bits[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}

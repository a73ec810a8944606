import { describe, expect, it } from 'vitest';

import { PartialPiece } from '../../src/torrent/partial-piece.ts';

const BLOCK = 16_384;

function partialOf(length: number): PartialPiece {
  return new PartialPiece({ piece: 3, bytes: new Uint8Array(length) }, length, 0);
}

describe('A partial piece', () => {
  it('has as many blocks as its bytes need, the last one shorter', () => {
    const partial = partialOf(2 * BLOCK + 100);
    expect(partial.blockCount).toBe(3);
    expect([0, 1, 2].map((block) => partial.blockLength(block))).toEqual([BLOCK, BLOCK, 100]);
  });

  it('offers open blocks in order until all are asked for', () => {
    const partial = partialOf(3 * BLOCK);
    const offered = [];
    for (let block = partial.nextOpen(); block !== -1; block = partial.nextOpen()) {
      offered.push(block);
      partial.requested(block);
    }
    expect(offered).toEqual([0, 1, 2]);
    expect(partial.openCount).toBe(0);
  });

  it('offers a block again when the only request for it came to nothing', () => {
    const partial = partialOf(3 * BLOCK);
    for (const block of [0, 1, 2]) partial.requested(block);
    partial.released(1);
    expect(partial.nextOpen()).toBe(1);
  });

  it('keeps a block asked for while another request for it is out', () => {
    const partial = partialOf(BLOCK);
    partial.requested(0);
    partial.requested(0);
    partial.released(0);
    expect(partial.nextOpen()).toBe(-1);
    expect(partial.requesters(0)).toBe(1);
  });

  it('is complete with its last block, and knows who sent what', () => {
    const partial = partialOf(2 * BLOCK);
    for (const block of [0, 1]) partial.requested(block);
    partial.received(1, 'b', 10);
    expect(partial.complete).toBe(false);
    partial.received(0, 'a', 20);
    expect(partial.complete).toBe(true);
    expect(partial.contributors).toEqual(['a', 'b']);
    expect(partial.progressMs).toBe(20);
  });

  it('does not open a block that has arrived, whatever is released later', () => {
    const partial = partialOf(BLOCK);
    partial.requested(0);
    partial.received(0, 'a', 0);
    partial.released(0);
    expect(partial.openCount).toBe(0);
    expect(partial.isReceived(0)).toBe(true);
  });
});

import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { BlameLedger } from '../../src/policy/blame.ts';
import type { BlamedBlock } from '../../src/policy/blame.ts';

/** One character a block: who sent it, a capital letter when it was wrong. */
function blocks(senders: string): BlamedBlock[] {
  return Array.from(senders, (sender, block) => ({
    contributor: sender.toLowerCase(),
    digest: digestOf(sender === sender.toLowerCase() ? block : 200 + block),
  }));
}

function right(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, block) => digestOf(block));
}

function digestOf(content: number): Uint8Array {
  return new Uint8Array(20).fill(content);
}

describe('blame', () => {
  it('falls at once on a peer that sent the whole piece', () => {
    const ledger = new BlameLedger();
    expect(ledger.failed(3, blocks('AaA'))).toEqual({ guilty: ['a'], suspects: [] });
    expect(ledger.needsDigests(3)).toBe(false);
  });

  it('waits for the right piece when several sent it, and then finds exactly the liars', () => {
    const ledger = new BlameLedger();
    expect(ledger.failed(3, blocks('abAc'))).toEqual({ guilty: [], suspects: ['a', 'b', 'c'] });
    expect([ledger.needsDigests(3), ledger.needsDigests(4)]).toEqual([true, false]);
    expect(['a', 'b', 'c', 'd'].map((peer) => ledger.onParole(peer))).toEqual([true, true, true, false]);
    expect(ledger.verified(3, right(4))).toEqual({ guilty: ['a'], suspects: [] });
    expect(['a', 'b', 'c'].some((peer) => ledger.onParole(peer))).toBe(false);
    expect(ledger.needsDigests(3)).toBe(false);
  });

  it('remembers every failed attempt at a piece', () => {
    const ledger = new BlameLedger();
    ledger.failed(3, blocks('aBcc'));
    ledger.failed(3, blocks('aadD'));
    expect(ledger.verified(3, right(4)).guilty).toEqual(['b', 'd']);
  });

  it('keeps a peer on parole while another piece of it is unexplained', () => {
    const ledger = new BlameLedger();
    ledger.failed(1, blocks('aB'));
    ledger.failed(2, blocks('aC'));
    ledger.verified(1, right(2));
    expect([ledger.onParole('a'), ledger.onParole('b'), ledger.onParole('c')]).toEqual([true, false, true]);
  });

  it('lets a peer that delivered a good piece alone share again, and still finds it guilty later', () => {
    const ledger = new BlameLedger();
    ledger.failed(1, blocks('Ab'));
    ledger.proved('a');
    expect(ledger.onParole('a')).toBe(false);
    expect(ledger.verified(1, right(2)).guilty).toEqual(['a']);
  });

  it('forgets the oldest, and then nobody is on parole for it', () => {
    const ledger = new BlameLedger();
    ledger.failed(0, blocks('xY'));
    for (let piece = 1; piece <= 64; piece++) ledger.failed(piece, blocks('aB'));
    expect([ledger.needsDigests(0), ledger.needsDigests(1)]).toEqual([false, true]);
    expect([ledger.onParole('x'), ledger.onParole('a')]).toEqual([false, true]);
  });

  it('bounds the blocks that it remembers, but keeps one piece of any length', () => {
    const ledger = new BlameLedger();
    const long = Array.from({ length: 10_000 }, (_, at) => ({
      contributor: `p${at % 3}`,
      digest: digestOf(0),
    }));
    ledger.failed(1, long);
    ledger.failed(2, long);
    expect([ledger.needsDigests(1), ledger.needsDigests(2)]).toEqual([false, true]);
  });

  it('never accuses a peer whose blocks were all right, and finds every liar once pieces are right', () => {
    const attempt = fc.record({
      piece: fc.nat(5),
      senders: fc.string({
        unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'A', 'B', 'Z'),
        minLength: 4,
        maxLength: 4,
      }),
    });
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), (attempts) => {
        const ledger = new BlameLedger();
        const accused = new Set<string>();
        const failures = attempts.filter(({ senders }) => /[A-Z]/u.test(senders));
        for (const { piece, senders } of failures) {
          for (const peer of ledger.failed(piece, blocks(senders)).guilty) accused.add(peer);
        }
        for (let piece = 0; piece <= 5; piece++) {
          for (const peer of ledger.verified(piece, right(4)).guilty) accused.add(peer);
        }
        const liars = failures.flatMap(({ senders }) => senders.match(/[A-Z]/gu) ?? []);
        expect(accused).toEqual(new Set(liars.map((liar) => liar.toLowerCase())));
        expect(Array.from('abcdez').some((peer) => ledger.onParole(peer))).toBe(false);
      }),
    );
  });
});

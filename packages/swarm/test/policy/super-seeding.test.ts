import { describe, expect, it } from 'vitest';

import { SuperSeeding } from '../../src/policy/super-seeding.ts';

const nothing = (): boolean => false;

function seeding(rarities: readonly number[]): SuperSeeding<string> {
  return new SuperSeeding<string>({
    pieceCount: rarities.length,
    rarity: (piece) => rarities[piece]!,
    random: () => 0,
  });
}

describe('Super-seeding', () => {
  it('shows everybody one piece, each another', () => {
    const seed = seeding([0, 0, 0]);
    expect(['a', 'b', 'c'].map((id) => seed.join(id, nothing))).toEqual([0, 1, 2]);
    expect(seed.mayRequest('a', 0)).toBe(true);
    expect(seed.mayRequest('a', 1)).toBe(false);
    expect(seed.mayRequest('somebody else', 1)).toBe(true);
  });

  it('shows first what fewest have, and never what the peer has', () => {
    expect(seeding([2, 1, 3]).join('a', nothing)).toBe(1);
    expect(seeding([2, 1, 3]).join('a', (piece) => piece === 1)).toBe(0);
  });

  it('shows the next when the last is seen at another peer, not when the peer itself has it', () => {
    const seed = seeding([0, 0, 0]);
    seed.join('a', nothing);
    seed.join('b', nothing);
    expect(seed.announced('a', 0, 0)).toEqual([]);
    expect(seed.announced('b', 0, 0)).toEqual(['a']);
    expect(seed.showNext('a', nothing)).toBe(2);
    expect(seed.mayRequest('a', 0)).toBe(true);
  });

  it('does not let a peer wait for ever that nobody takes anything from', () => {
    const seed = seeding([0, 0, 0]);
    seed.join('a', nothing);
    seed.join('b', nothing);
    seed.hasCurrent('a', 1_000);
    seed.hasCurrent('a', 9_000);
    expect(seed.overdue(15_999)).toEqual([]);
    expect(seed.overdue(16_000)).toEqual(['a']);
    seed.leave('b');
    expect(seed.overdue(1_000)).toEqual(['a']);
  });

  it('tries again with those who could be shown nothing, and forgets those who leave', () => {
    const seed = seeding([0]);
    expect(seed.join('a', () => true)).toBe(-1);
    expect(seed.overdue(0)).toEqual(['a']);
    expect(seed.showNext('a', nothing)).toBe(0);
    seed.leave('a');
    expect(seed.showNext('a', nothing)).toBe(-1);
  });
});

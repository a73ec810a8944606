import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { ClaimOrder } from '../../src/policy/claim-order.ts';
import { FetchingElsewhere } from '../../src/policy/fetching-elsewhere.ts';
import { nameOfText, rendezvousScore } from '../../src/policy/rendezvous.ts';
import { CLAIMS_PER_MEMBER_MAX, SETTLE_MS, SiteClaims } from '../../src/policy/site-claims.ts';
import { SiteHoldings } from '../../src/policy/site-holdings.ts';
import { SiteTrust } from '../../src/policy/site-trust.ts';

const PIECE = 65_536;
const LEASE_MS = 12_000;
const HELD_MS = 30_000;

function claimsOf(self: string, fetchersMax = 2): SiteClaims {
  return new SiteClaims({ self: nameOfText(self), salt: 7, fetchersMax, pieceLength: PIECE });
}

function withMembers(self: string, others: string, fetchersMax?: number): SiteClaims {
  const claims = claimsOf(self, fetchersMax);
  for (const other of others) claims.join(other, nameOfText(other), `10.0.0.${other}`, 0);
  return claims;
}

/** A piece for which the first name beats the second. */
function wonBy(winner: string, loser: string): number {
  for (let piece = 0; ; piece += 1) {
    if (rendezvousScore(nameOfText(winner), piece) > rendezvousScore(nameOfText(loser), piece)) return piece;
  }
}

describe('claims of a site', () => {
  it('keep the others from a piece until it is there, given back, or its claimant is gone', () => {
    const claims = withMembers('a', 'bc');
    claims.hear('b', [1, 2, 3, 4], false, 0);
    expect([1, 2, 3, 4, 5].map((piece) => claims.isTaken(piece, 1))).toEqual([true, true, true, true, false]);
    claims.arrived(1);
    claims.hearRelease('b', [2]);
    expect([1, 2, 3].map((piece) => claims.isTaken(piece, 1))).toEqual([false, false, true]);
    claims.leave('b', 1);
    expect(claims.isTaken(3, 1)).toBe(false);
  });

  it('end when they are not renewed, and in the end also when they are', () => {
    const claims = withMembers('a', 'b');
    claims.hear('b', [1], false, 0);
    expect(claims.isTaken(1, LEASE_MS - 1)).toBe(true);
    expect(claims.isTaken(1, LEASE_MS)).toBe(false);
    for (let nowMs = 0; nowMs < HELD_MS; nowMs += 3_000) claims.hear('b', [1], true, nowMs);
    expect(claims.isTaken(1, HELD_MS - 1)).toBe(true);
    expect(claims.isTaken(1, HELD_MS)).toBe(false);
  });

  it('of two members leave the other one when one is given back', () => {
    const claims = withMembers('a', 'bc');
    claims.hear('b', [1], false, 0);
    claims.hear('c', [1], false, 0);
    claims.hearRelease('b', [1]);
    expect(claims.isTaken(1, 1)).toBe(true);
    claims.hearRelease('c', [1]);
    expect(claims.isTaken(1, 1)).toBe(false);
  });

  it('are settled alike at both ends', () => {
    const piece = wonBy('a', 'b');
    const [a, b] = [withMembers('a', 'b'), withMembers('b', 'a')];
    a.take(piece, 'origin', 0);
    b.take(piece, 'origin', 0);
    expect(a.hear('b', [piece], false, 1)).toEqual({ yielded: [], defended: [piece] });
    expect(b.hear('a', [piece], false, 1)).toEqual({ yielded: [piece], defended: [] });
  });

  it('that have settled stand against new ones, whatever the names', () => {
    const piece = wonBy('b', 'a');
    const claims = withMembers('a', 'b');
    claims.take(piece, 'origin', 0);
    expect(claims.hear('b', [piece], false, SETTLE_MS)).toEqual({ yielded: [], defended: [piece] });
    expect(claims.own.has(piece)).toBe(true);
  });

  it('that were lost to another while they were fetched are not lost again, and nothing more is said', () => {
    const piece = wonBy('b', 'a');
    const claims = withMembers('a', 'bc');
    claims.take(piece, 'origin', 0);
    expect(claims.hear('b', [piece], true, 200).yielded).toEqual([piece]);
    claims.hearRelease('b', [piece]);
    claims.take(piece, 'origin', 300);
    expect(claims.hear('b', [piece], true, 600)).toEqual({ yielded: [], defended: [] });
    expect(claims.own.has(piece)).toBe(true);
  });

  it('of a member are not kept without end, and beyond its share it takes nothing over', () => {
    const claims = withMembers('a', 'b');
    const many = Array.from({ length: 10 * CLAIMS_PER_MEMBER_MAX }, (_, piece) => piece);
    const own = 5 * CLAIMS_PER_MEMBER_MAX;
    claims.take(own, 'origin', 0);
    expect(claims.hear('b', many, true, 1)).toEqual({ yielded: [], defended: [] });
    expect(many.filter((piece) => claims.isTaken(piece, 1))).toHaveLength(CLAIMS_PER_MEMBER_MAX);
  });

  it('of who let three run out are not believed, also under another name, until a right piece has come', () => {
    const claims = withMembers('a', 'b');
    claims.hear('b', [1, 2, 3], false, 0);
    claims.expire(LEASE_MS);
    claims.hear('b', [4], false, LEASE_MS);
    expect(claims.isTaken(4, LEASE_MS)).toBe(false);
    claims.leave('b', LEASE_MS);
    claims.join('b2', nameOfText('b2'), '10.0.0.b', LEASE_MS);
    claims.hear('b2', [4], false, LEASE_MS);
    expect(claims.isTaken(4, LEASE_MS)).toBe(false);
    claims.trust.proved('10.0.0.b');
    claims.hear('b2', [4], false, LEASE_MS);
    expect(claims.isTaken(4, LEASE_MS)).toBe(true);
  });

  it('are made by few members, the same in everybody’s view', () => {
    const names = 'abcdefgh';
    const fetching = Array.from(names).filter((self) =>
      withMembers(self, names.replace(self, '')).isFetcher(1),
    );
    expect(fetching).toHaveLength(2);
  });

  it('pass over who cannot, who has everything, and who is silent', () => {
    const names = 'abcd';
    const self = Array.from(names).find((each) => !withMembers(each, names.replace(each, '')).isFetcher(1))!;
    for (const excuse of ['unable', 'complete', 'silent']) {
      const others = names.replace(self, '');
      const claims = withMembers(self, others);
      for (const other of others) {
        if (excuse === 'complete') claims.setComplete(other, true);
        else if (excuse === 'unable') claims.report(other, false, 0);
      }
      const nowMs = excuse === 'silent' ? 10_001 : 1;
      claims.expire(nowMs);
      expect(claims.isFetcher(nowMs)).toBe(true);
    }
  });

  it('are made by more when those whose turn it is get nowhere, and those get no share of the pieces', () => {
    const names = 'abcd';
    const self = Array.from(names).find((each) => !withMembers(each, names.replace(each, '')).isFetcher(1))!;
    const claims = withMembers(self, names.replace(self, ''));
    claims.widen(3);
    expect([claims.isFetcher(1), claims.fetcherCount(1)]).toEqual([true, 4]);
    expect([0, 1, 2, 3, 4, 5].every((piece) => claims.isFirst(piece, 1))).toBe(true);
  });

  it('end with one holder at most, however long messages take', () => {
    const step = fc.record({
      atMs: fc.nat(600),
      member: fc.nat(3),
      piece: fc.nat(1),
    });
    const delays = fc.array(fc.nat(300), { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), delays, (steps, delaysMs) => {
        const owners = new Model(delaysMs).play(steps);
        for (const count of owners) expect(count).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });
});

/** Twelve claims by four members need some hundred. */
const MESSAGES_MAX = 2_000;

/** Members that send each other what the rules say, over links of which each has its delay and keeps its order. */
class Model {
  readonly #members = Array.from('abcd').map((self) => withMembers(self, 'abcd'.replace(self, ''), 4));
  readonly #delaysMs: readonly number[];
  readonly #begun = new Set<string>();
  #events: { atMs: number; order: number; task: (nowMs: number) => void }[] = [];
  #scheduled = 0;

  constructor(delaysMs: readonly number[]) {
    this.#delaysMs = delaysMs;
  }

  /** How many own each piece when nothing is under way any more. */
  play(steps: readonly { atMs: number; member: number; piece: number }[]): number[] {
    for (const { atMs, member, piece } of steps) this.#at(atMs, (nowMs) => this.#claim(member, piece, nowMs));
    for (let event = this.#next(); event !== undefined; event = this.#next()) {
      if (this.#scheduled > MESSAGES_MAX) throw new Error('they contradict each other without end');
      event.task(event.atMs);
    }
    return [0, 1].map((piece) => this.#members.filter((claims) => claims.own.has(piece)).length);
  }

  /** Each member tries each piece once: what it once lost it would not give up again. */
  #claim(member: number, piece: number, nowMs: number): void {
    const claims = this.#members[member]!;
    if (this.#begun.has(`${member} ${piece}`) || claims.isTaken(piece, nowMs)) return;
    this.#begun.add(`${member} ${piece}`);
    claims.take(piece, 'origin', nowMs);
    this.#tellAll(member, 'claim', [piece], nowMs);
  }

  #tellAll(from: number, type: 'claim' | 'hold' | 'release', pieces: readonly number[], nowMs: number): void {
    for (let to = 0; to < 4; to += 1) if (to !== from) this.#tell(from, to, type, pieces, nowMs);
  }

  #tell(
    from: number,
    to: number,
    type: 'claim' | 'hold' | 'release',
    pieces: readonly number[],
    nowMs: number,
  ): void {
    this.#at(nowMs + this.#delaysMs[from * 4 + to]!, (heardMs) => {
      const claims = this.#members[to]!;
      if (type === 'release') {
        claims.hearRelease('abcd'[from]!, pieces);
        return;
      }
      const { yielded, defended } = claims.hear('abcd'[from]!, pieces, type === 'hold', heardMs);
      if (yielded.length > 0) this.#tellAll(to, 'release', yielded, heardMs);
      if (defended.length > 0) this.#tell(to, from, 'hold', defended, heardMs);
    });
  }

  #at(atMs: number, task: (nowMs: number) => void): void {
    this.#events.push({ atMs, order: this.#scheduled, task });
    this.#scheduled += 1;
  }

  #next(): { atMs: number; task: (nowMs: number) => void } | undefined {
    this.#events.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    return this.#events.shift();
  }
}

describe('trust in a site', () => {
  it('takes longer to win back each time, by time or by right pieces', () => {
    const trust = new SiteTrust();
    trust.blame('x', 0);
    expect([trust.trusts('x', 59_999), trust.trusts('x', 60_000)]).toEqual([false, true]);
    expect(trust.owes('x')).toBe(true);
    trust.proved('x');
    expect(trust.owes('x')).toBe(false);
    trust.blame('x', 100_000);
    trust.proved('x');
    expect(trust.trusts('x', 219_999)).toBe(false);
    trust.proved('x');
    expect(trust.trusts('x', 100_001)).toBe(true);
  });

  it('asks newcomers for a piece first when three addresses have lied, but not those who gave before', () => {
    const trust = new SiteTrust();
    trust.proved('old');
    for (const liar of ['x', 'y', 'z']) trust.blame(liar, 0);
    expect([trust.trusts('old', 1), trust.trusts('new', 1)]).toEqual([true, false]);
    trust.proved('new');
    expect(trust.trusts('new', 1)).toBe(true);
  });

  it('is lost by three small faults, unless something good came in between', () => {
    const trust = new SiteTrust();
    expect([trust.strike('x', 0), trust.strike('x', 0)]).toEqual([false, false]);
    trust.proved('x');
    expect([trust.strike('x', 0), trust.strike('x', 0), trust.strike('x', 0)]).toEqual([false, false, true]);
    expect(trust.trusts('x', 1)).toBe(false);
  });
});

describe('the order of claims', () => {
  it('is the same everywhere, and those who begin at its ends meet in the middle', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.array(fc.boolean(), { maxLength: 80 }),
        (count, turns) => {
          const [one, other] = [new ClaimOrder(count, 5), new ClaimOrder(count, 5)];
          const done = new Set<number>();
          const isDone = (piece: number): boolean => done.has(piece);
          const fits = (piece: number): boolean => !done.has(piece);
          for (const front of turns) {
            const piece = front ? one.first(fits, isDone) : other.last(fits, isDone);
            expect(piece === -1).toBe(done.size === count);
            done.add(piece === -1 ? 0 : piece);
          }
          one.reset();
          done.clear();
          expect(one.first(fits, isDone)).toBe(new ClaimOrder(count, 5).first(fits, isDone));
        },
      ),
    );
  });
});

describe('holdings of a site', () => {
  it('are the union of what its peers have', () => {
    const holdings = new SiteHoldings(10);
    expect([holdings.add(3), holdings.add(3)]).toEqual([true, false]);
    const has = (): number[] =>
      Array.from({ length: 10 }, (_, piece) => piece).filter((piece) => holdings.has(piece));
    holdings.recount([
      { count: 1, bits: Uint8Array.of(0x80, 0), has: () => false },
      { count: 1, bits: Uint8Array.of(0, 0x40), has: () => false },
      { count: 0, has: () => false },
    ]);
    expect(has()).toEqual([0, 9]);
    holdings.recount([{ count: 10, has: () => true }]);
    expect(has()).toHaveLength(10);
    holdings.recount([]);
    expect(has()).toEqual([]);
  });
});

describe('hints from other sites', () => {
  it('end unless they are repeated, and are not kept without end', () => {
    const hints = new FetchingElsewhere();
    hints.hear([1, 2], 0);
    hints.forget([2]);
    expect([hints.has(1, 11_999), hints.has(1, 12_000), hints.has(2, 1)]).toEqual([true, false, false]);
    const many = Array.from({ length: 20_000 }, (_, piece) => piece);
    hints.hear(many, 0);
    expect(many.filter((piece) => hints.has(piece, 1))).toHaveLength(8_192);
  });
});

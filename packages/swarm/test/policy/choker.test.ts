import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { decideUnchokes } from '../../src/policy/choker.ts';
import type { ChokerOptions, ChokerPeer } from '../../src/policy/choker.ts';
import { seededRandom } from './seeded-random.ts';

const ROUND_MS = 10_000;

/** A peer that is interested, choked, and has done nothing yet. */
function peer(id: string, given: Partial<ChokerPeer> = {}): ChokerPeer {
  return {
    id,
    interested: true,
    snubbed: false,
    downRate: 0,
    upRate: 0,
    unchokedSinceMs: undefined,
    lastUnchokedMs: undefined,
    connectedAtMs: 0,
    optimistic: false,
    seed: false,
    ...given,
  };
}

function options(given: Partial<ChokerOptions> = {}): ChokerOptions {
  return { policy: 'share', slots: 4, seeding: false, nowMs: 100_000, random: seededRandom(1), ...given };
}

/** Round by round, as the loop does it; answers who was unchoked in each round. */
function rounds(start: readonly ChokerPeer[], count: number, given: ChokerOptions): string[][] {
  let peers = start;
  return Array.from({ length: count }, (_, round) => {
    const nowMs = given.nowMs + round * ROUND_MS;
    const { unchoked, optimistic } = decideUnchokes(peers, { ...given, nowMs });
    peers = peers.map((one) => afterRound(one, unchoked.has(one.id), optimistic.has(one.id), nowMs));
    return [...unchoked];
  });
}

function afterRound(one: ChokerPeer, open: boolean, optimistic: boolean, nowMs: number): ChokerPeer {
  const justChoked = one.unchokedSinceMs !== undefined && !open;
  return {
    ...one,
    optimistic,
    unchokedSinceMs: open ? (one.unchokedSinceMs ?? nowMs) : undefined,
    lastUnchokedMs: justChoked ? nowMs : one.lastUnchokedMs,
  };
}

const named = (count: number, given: Partial<ChokerPeer> = {}): ChokerPeer[] =>
  Array.from({ length: count }, (_, at) => peer(`p${at}`, given));

describe('sharing', () => {
  it('serves everybody who is interested while slots reach, whatever they give', () => {
    const peers = [...named(4, { snubbed: true }), peer('bored', { interested: false, downRate: 1e6 })];
    expect([...decideUnchokes(peers, options()).unchoked]).toEqual(['p0', 'p1', 'p2', 'p3']);
  });

  it('prefers who gives most while leeching, with half of the slots', () => {
    const peers = [...named(10), peer('best', { downRate: 9 }), peer('good', { downRate: 5 })];
    const all = rounds(peers, 12, options());
    expect(all.every((open) => open.includes('best') && open.includes('good') && open.length === 4)).toBe(
      true,
    );
  });

  it('prefers who takes fastest while seeding', () => {
    const given = { unchokedSinceMs: 0, downRate: 1 };
    const peers = [
      ...named(10),
      peer('fast', { ...given, upRate: 9 }),
      peer('slow', { ...given, upRate: 1 }),
    ];
    const { unchoked } = decideUnchokes(peers, options({ slots: 2, seeding: true }));
    expect([unchoked.has('fast'), unchoked.has('slow')]).toEqual([true, false]);
  });

  it('serves everybody in turn, for 30 s each, also with a single slot', () => {
    const seen = rounds(named(5), 15, options({ slots: 1 })).flat();
    expect(seen).toEqual(['p0', 'p1', 'p2', 'p3', 'p4'].flatMap((id) => [id, id, id]));
  });

  it('leaves nobody out for longer than it takes to go round', () => {
    const peers = [...named(20), peer('best', { downRate: 9 }), peer('good', { downRate: 5 })];
    expect(new Set(rounds(peers, 30, options()).flat()).size).toBe(22);
  });

  it('does not prefer a peer that gives nothing although asked', () => {
    const peers = [...named(9), peer('lazy', { downRate: 100, snubbed: true, connectedAtMs: 1 })];
    expect(decideUnchokes(peers, options()).unchoked.has('lazy')).toBe(false);
  });

  it('does not swap equals', () => {
    const equal = { downRate: 1_000, unchokedSinceMs: 0 };
    const served = [peer('a', equal), peer('b', equal)];
    const rivals = [peer('c', { downRate: 1_100 }), peer('d', { downRate: 1_100 }), ...named(4)];
    const { unchoked } = decideUnchokes([...rivals, ...served], options());
    expect([unchoked.has('a'), unchoked.has('b')]).toEqual([true, true]);
    const better = decideUnchokes([peer('e', { downRate: 1_300 }), ...rivals, ...served], options());
    expect(better.unchoked.has('e')).toBe(true);
  });
});

describe('tit for tat', () => {
  const titForTat = (given: Partial<ChokerOptions> = {}): ChokerOptions =>
    options({ policy: 'tit-for-tat', ...given });

  it('serves the best givers and one other by chance', () => {
    const peers = Array.from({ length: 10 }, (_, at) => peer(`p${at}`, { downRate: at + 1 }));
    const { unchoked, optimistic } = decideUnchokes(peers, titForTat());
    expect([...unchoked].slice(0, 3)).toEqual(['p9', 'p8', 'p7']);
    expect([unchoked.size, optimistic.size]).toEqual([4, 1]);
    expect([...optimistic].every((id) => unchoked.has(id))).toBe(true);
  });

  it('unchokes a better peer that wants nothing, without spending a slot, but never a seed', () => {
    const peers = [
      peer('idle', { downRate: 99, interested: false }),
      peer('seed', { downRate: 99, interested: false, seed: true }),
      ...Array.from({ length: 6 }, (_, at) => peer(`p${at}`, { downRate: at + 1 })),
    ];
    const { unchoked } = decideUnchokes(peers, titForTat());
    expect([unchoked.has('idle'), unchoked.has('seed'), unchoked.size]).toEqual([true, false, 5]);
  });

  it('goes by our rate to them while seeding', () => {
    const peers = [
      ...named(8, { downRate: 50 }),
      ...['x', 'y', 'z'].map((id) => peer(id, { upRate: 9, unchokedSinceMs: 0 })),
    ];
    const { unchoked } = decideUnchokes(peers, titForTat({ seeding: true }));
    expect(['x', 'y', 'z'].every((id) => unchoked.has(id))).toBe(true);
  });

  it('gives slots that nobody has earned by chance, the snubbed included', () => {
    const { unchoked, optimistic } = decideUnchokes(named(9, { snubbed: true, downRate: 5 }), titForTat());
    expect([unchoked.size, optimistic.size]).toEqual([4, 4]);
  });

  it('keeps the optimistic one for 30 s, then takes another', () => {
    const peers = [...named(9), ...['a', 'b', 'c'].map((id) => peer(id, { downRate: 9 }))];
    const lucky = rounds(peers, 9, titForTat()).map((open) =>
      open.filter((id) => id.startsWith('p')).join(','),
    );
    const turns = [0, 3, 6].map((round) => new Set(lucky.slice(round, round + 3)));
    expect(turns.map((turn) => turn.size)).toEqual([1, 1, 1]);
    expect(lucky[3]).not.toBe(lucky[2]);
    expect(lucky[6]).not.toBe(lucky[5]);
  });

  it('draws newcomers three times as likely', () => {
    const random = seededRandom(5);
    const peers = [peer('new', { connectedAtMs: 99_000 }), peer('old')];
    const draws = Array.from({ length: 4_000 }, () => decideUnchokes(peers, titForTat({ slots: 1, random })));
    const fresh = draws.filter(({ unchoked }) => unchoked.has('new')).length;
    expect(fresh / 4_000).toBeCloseTo(0.75, 1);
  });
});

it('never unchokes more interested peers than slots, and fills all slots when enough are interested', () => {
  const some = fc.record({
    interested: fc.boolean(),
    snubbed: fc.boolean(),
    downRate: fc.nat(5),
    upRate: fc.nat(5),
    unchokedSinceMs: fc.option(fc.nat(100_000), { nil: undefined }),
    lastUnchokedMs: fc.option(fc.nat(100_000), { nil: undefined }),
    connectedAtMs: fc.nat(100_000),
    optimistic: fc.boolean(),
    seed: fc.constant(false),
  });
  const given = fc.record({
    policy: fc.constantFrom('share' as const, 'tit-for-tat' as const),
    slots: fc.integer({ min: 0, max: 8 }),
    seeding: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(some, { maxLength: 30 }), given, (all, how) => {
      const peers = all.map((one, at) => peer(String(at), one));
      const { unchoked } = decideUnchokes(peers, options(how));
      const interested = peers.filter((one) => one.interested);
      const served = interested.filter(({ id }) => unchoked.has(id));
      expect(served.length).toBe(Math.min(how.slots, interested.length));
    }),
  );
});

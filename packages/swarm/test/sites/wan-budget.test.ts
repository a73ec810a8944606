import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { streamBytes, WIRE_BYTES_PER_STREAM_BYTE, wanShare } from '../../src/sites/wan-budget.ts';
import type { WanDraw } from '../../src/sites/wan-budget.ts';

/** `100!` draws 100 bytes per second and is hungry, `100` is content, `?` has not reported. */
function site(text: string): (WanDraw | undefined)[] {
  return text.split(' ').map((word) => {
    if (word === '?') return undefined;
    return { bytesPerSecond: Number.parseFloat(word), hungry: word.endsWith('!') };
  });
}

/** Everybody's share, each computed from where it stands. */
function shares(budget: number, members: readonly (WanDraw | undefined)[]): number[] {
  return members.map((own, at) =>
    wanShare(budget, own ?? { bytesPerSecond: 0, hungry: true }, [
      ...members.slice(at + 1),
      ...members.slice(0, at),
    ]),
  );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

const draw = fc.record({ bytesPerSecond: fc.nat(2_000_000), hungry: fc.boolean() });
const members = fc.array(fc.option(draw, { nil: undefined, freq: 8 }), { minLength: 1, maxLength: 40 });
const budgets = fc.integer({ min: 0, max: 5_000_000 });

describe("shares of a site's WAN budget", () => {
  it.each([
    // One per cent is never shared out.
    ['5!', [990]],
    ['0! 0! 0!', [330, 330, 330]],
    ['? 0! 0!', [330, 330, 330]],
    // Who is content keeps what it drew and a tenth more; the others have the rest.
    ['0! 100 0!', [440, 110, 440]],
    ['0! 900 0!', [330, 330, 330]],
    ['100 200', [110, 220]],
    // Nobody is cut off.
    ['0 0! 0', [10 / 3, 990, 10 / 3]],
  ])('of 1000 among "%s" are %j', (text, expected) => {
    expect(shares(1000, site(text)).map((share) => Math.round(share * 1000) / 1000)).toEqual(
      expected.map((share) => Math.round(share * 1000) / 1000),
    );
  });

  it('stops everybody with a budget of nothing, and limits nobody without one', () => {
    expect(shares(0, site('5! 7'))).toEqual([0, 0]);
    expect(shares(Infinity, site('5! 7'))).toEqual([Infinity, Infinity]);
  });

  it('never add up to more than the budget, and to all but one per cent of it while somebody is hungry', () => {
    fc.assert(
      fc.property(budgets, members, (budget, all) => {
        const total = sum(shares(budget, all));
        expect(total).toBeLessThanOrEqual(budget * (1 + 1e-9));
        const hungry = all.some((member) => member === undefined || member.hungry);
        expect(total >= budget * 0.99 * (1 - 1e-9) || !hungry).toBe(true);
      }),
    );
  });

  it('are max-min fair: the hungry have the same, nobody has more, and who has less has what it wants', () => {
    fc.assert(
      fc.property(budgets, members, (budget, all) => {
        const each = shares(budget, all);
        const level = Math.max(...each);
        const trickle = (budget * 0.01) / all.length;
        for (const [at, member] of all.entries()) {
          const isHungry = member === undefined || member.hungry;
          const wanted = isHungry ? level : Math.max(trickle, member.bytesPerSecond * 1.1);
          expect(each[at]).toBe(Math.min(level, wanted));
        }
      }),
    );
  });

  it('are the same at every member, in whatever order it knows the others', () => {
    const shuffled = members.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(budgets, draw, shuffled, (budget, own, [one, other]) => {
        expect(wanShare(budget, own, one)).toBe(wanShare(budget, own, other));
      }),
    );
  });

  it('grow with the budget, and shrink when another comes or turns hungry', () => {
    const more = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(budgets, more, draw, members, draw, (budget, more, own, others, comes) => {
        const share = wanShare(budget, own, others);
        const atMost = share * (1 + 1e-9);
        expect(wanShare(budget + more, own, others)).toBeGreaterThanOrEqual(share * (1 - 1e-9));
        expect(wanShare(budget, own, [...others, comes])).toBeLessThanOrEqual(atMost);
        const [first, ...rest] = others;
        const hungrier = [first === undefined ? first : { ...first, hungry: true }, ...rest];
        expect(wanShare(budget, own, hungrier)).toBeLessThanOrEqual(atMost);
      }),
    );
  });

  it('are counted on the wire: a full frame of 1514 bytes brings 1448', () => {
    expect(streamBytes(1_514_000)).toBeCloseTo(1_448_000, 6);
    expect(streamBytes(1000) * WIRE_BYTES_PER_STREAM_BYTE).toBeCloseTo(1000, 9);
  });
});

import { describe, expect, it } from 'vitest';

import type { Random } from '@brine/swarm';

/** What every implementation of the `Random` port owes to the engine. The bounds are five standard deviations and more wide. */
export function randomContract(name: string, makeRandom: () => Random): void {
  describe(`${name} as a Random`, () => {
    it('draws evenly from 0 up to, not including, 1', () => {
      const random = makeRandom();
      const draws = Array.from({ length: DRAWS }, () => random.next());
      expect(draws.every((draw) => draw >= 0 && draw < 1)).toBe(true);
      expect(evenness(draws.map((draw) => Math.floor(draw * BINS)))).toBeLessThan(CHI_SQUARE_MAX);
    });

    it('draws pairs that do not depend on each other', () => {
      const random = makeRandom();
      const pairs = Array.from(
        { length: DRAWS },
        () => Math.floor(random.next() * 4) * 4 + Math.floor(random.next() * 4),
      );
      expect(evenness(pairs)).toBeLessThan(CHI_SQUARE_MAX);
    });

    it('draws more finely than 32 bits', () => {
      const random = makeRandom();
      const remainders = Array.from({ length: 100 }, () => (random.next() * 2 ** 32) % 1);
      expect(new Set(remainders).size).toBeGreaterThan(90);
    });

    it('gives exactly as many bytes as asked for, evenly', () => {
      const random = makeRandom();
      for (const count of [0, 1, 3, 20, 65]) expect(random.bytes(count)).toHaveLength(count);
      const bytes = [...random.bytes(DRAWS)];
      expect(evenness(bytes.map((byte) => byte >> 4))).toBeLessThan(CHI_SQUARE_MAX);
      expect(evenness(bytes.map((byte) => byte & 15))).toBeLessThan(CHI_SQUARE_MAX);
    });

    it('gives bytes that belong to the caller', () => {
      const random = makeRandom();
      const first = random.bytes(20);
      const copy = first.slice();
      expect(random.bytes(20)).not.toEqual(copy);
      expect(first).toEqual(copy);
    });
  });
}

const DRAWS = 16_000;
const BINS = 16;
/** 15 degrees of freedom: exceeded once in 10^9. */
const CHI_SQUARE_MAX = 75;

/** Chi-square of numbers from 0 to 15 against the uniform distribution. */
function evenness(numbers: readonly number[]): number {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const number of numbers) counts[number]! += 1;
  const expected = numbers.length / BINS;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

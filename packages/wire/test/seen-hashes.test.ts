import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeenHashes } from '../src/metainfo/seen-hashes.ts';

describe('SeenHashes', () => {
  it('never takes an old hash for a new one, however the hashes lie', () => {
    const crowded = fc.integer({ min: 0, max: 40 }).map((number) => number * 65_536);
    const hash = fc.oneof(crowded, fc.integer(), fc.constantFrom(0, 1, -1));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), fc.array(hash, { maxLength: 200 }), (room, hashes) => {
        const seen = new SeenHashes(room);
        const called = hashes.filter((number) => seen.isNew(number));
        expect(new Set(called).size).toBe(called.length);
      }),
    );
  });

  it('knows as many new ones as it has room for', () => {
    const seen = new SeenHashes(1000);
    const fresh = Array.from({ length: 1000 }, (_, i) => seen.isNew(Math.imul(i + 1, 0x9e3779b1)));
    expect(fresh.every(Boolean)).toBe(true);
  });

  it('gives up on hashes that were chosen to lie side by side, instead of looking at them all', () => {
    const seen = new SeenHashes(1000);
    const fresh = Array.from({ length: 1000 }, (_, i) => seen.isNew((i + 1) << 16));
    expect(fresh.filter(Boolean)).toHaveLength(32);
  });
});

import { describe, expect, test } from 'vitest';
import { BufferPool } from '../src/node/buffer-pool.ts';
import type { LentBuffer } from '../src/node/buffer-pool.ts';

const PIECE = 64 * 1024;
const PLACES = 32;

/** A pool with places for 32 pieces, and stores that borrow from it and give back. */
class Stores {
  readonly #pool = new BufferPool(PLACES * PIECE, () => undefined);
  readonly #held = new Map<number, LentBuffer[]>();

  held(store: number): number {
    return this.#held.get(store)?.length ?? 0;
  }

  /** Borrows until it is refused, or has `most`. */
  borrow(store: number, most = Infinity): void {
    const held = this.#held.get(store) ?? [];
    this.#held.set(store, held);
    while (held.length < most) {
      const buffer = this.#pool.lend(store, held.length, PIECE, PIECE);
      if (buffer === undefined) return;
      held.push(buffer);
    }
  }

  /** One piece of this store is complete; then all of `askers` ask, in this order, as the engine has them do. */
  complete(store: number, askers: readonly number[]): void {
    const buffer = this.#held.get(store)?.shift();
    if (buffer === undefined) throw new Error(`store ${store} holds nothing`);
    this.#pool.giveBack(buffer, PIECE);
    for (const asker of askers) this.borrow(asker);
  }
}

describe('the pool of piece buffers', () => {
  test('is all for a store that is alone', () => {
    const stores = new Stores();
    stores.borrow(1);
    expect(stores.held(1)).toBe(PLACES);
  });

  test('gives a newcomer what comes back, until both have half', () => {
    const stores = new Stores();
    stores.borrow(1);
    stores.borrow(2);
    expect(stores.held(2)).toBe(0);
    for (let pieces = 0; pieces < PLACES; pieces += 1) stores.complete(1, [1, 2]);
    expect([stores.held(1), stores.held(2)]).toEqual([PLACES / 2, PLACES / 2]);
  });

  test('lets none of fifty starve, although the first asks first each time', () => {
    const stores = new Stores();
    const all = Array.from({ length: 50 }, (_, store) => store + 1);
    const served = new Set<number>();
    stores.borrow(1);
    for (const store of all) stores.borrow(store);
    for (let pieces = 0; pieces < 200; pieces += 1) {
      const holders = all.filter((store) => stores.held(store) > 0);
      for (const holder of holders) served.add(holder);
      stores.complete(holders[pieces % holders.length]!, all);
      expect(all.reduce((sum, store) => sum + stores.held(store), 0)).toBeLessThanOrEqual(PLACES);
    }
    expect(served.size).toBe(50);
  });

  test('keeps no place for one that waited and went away', () => {
    const stores = new Stores();
    stores.borrow(1);
    stores.borrow(2);
    for (let pieces = 0; pieces < 20; pieces += 1) stores.complete(1, [1]);
    stores.borrow(1);
    expect(stores.held(1)).toBe(PLACES);
  });
});

import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import { RateLimiter } from '../../src/policy/rate-limiter.ts';

/** Bytes that pass when everything is taken every `stepMs` until `untilMs`. */
function taken(limiter: RateLimiter, untilMs: number, stepMs = 50): number {
  let sum = 0;
  for (let nowMs = 0; nowMs <= untilMs; nowMs += stepMs) sum += limiter.take(nowMs, 1e12);
  return sum;
}

describe('a rate limiter', () => {
  it.each([1, 10, 1_024, 20_000, 1_000_000, 125_000_000, 1_000_000_000])(
    'lets %d bytes per second pass, within 3 per cent over 10 s',
    (rate) => {
      const sum = taken(new RateLimiter(undefined, rate), 10_000);
      expect(sum).toBeLessThanOrEqual(rate * 10);
      expect(sum).toBeGreaterThan(rate * 10 * 0.97 - 1);
    },
  );

  it('saves no more than a quarter of a second while idle', () => {
    const limiter = new RateLimiter(undefined, 1_000);
    limiter.take(0, 0);
    expect(limiter.take(60_000, 1e9)).toBe(250);
  });

  it('never lets more pass than the rate allows plus a quarter of a second, whenever it is asked', () => {
    const asks = fc.array(fc.record({ afterMs: fc.nat(400), wanted: fc.nat(5_000) }), { maxLength: 60 });
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 100_000 }), (all, rate) => {
        const limiter = new RateLimiter(undefined, rate);
        let [nowMs, sum] = [0, 0];
        for (const { afterMs, wanted } of all) {
          nowMs += afterMs;
          const granted = limiter.take(nowMs, wanted);
          expect(granted).toBeLessThanOrEqual(wanted);
          sum += granted;
        }
        expect(sum).toBeLessThanOrEqual(Math.max(1, rate / 4) + (rate * nowMs) / 1_000);
      }),
    );
  });

  it('takes from every level alike: two torrents share what the engine has', () => {
    const engine = new RateLimiter(undefined, 1_000);
    const slow = new RateLimiter(engine, 100);
    const fast = new RateLimiter(engine, 10_000);
    for (const limiter of [slow, fast]) limiter.take(0, 0);
    expect([slow.take(200, 1e9), fast.take(200, 1e9), slow.take(200, 1e9)]).toEqual([20, 180, 0]);
  });

  it('obeys a new rate at once', () => {
    const limiter = new RateLimiter(undefined, 1_000_000);
    limiter.take(0, 0);
    limiter.setRate(1_000, 1_000);
    expect(limiter.take(1_000, 1e9)).toBe(250);
    limiter.setRate(0, 1_100);
    expect([limiter.take(9_000, 1e9), limiter.waitMs(9_000)]).toEqual([0, Infinity]);
    limiter.setRate(Infinity, 10_000);
    expect([limiter.take(10_000, 12_345), limiter.unlimited]).toEqual([12_345, true]);
    limiter.setRate(1_000, 11_000);
    expect(limiter.take(11_000, 1e9)).toBe(0);
  });

  it('is unlimited only if everything above it is', () => {
    const engine = new RateLimiter();
    const torrent = new RateLimiter(engine);
    expect([torrent.unlimited, torrent.bytesPerSecond]).toEqual([true, Infinity]);
    engine.setRate(5, 0);
    expect([torrent.unlimited, torrent.bytesPerSecond]).toEqual([false, 5]);
  });

  it('says when to ask again', () => {
    const engine = new RateLimiter(undefined, 1_000);
    const torrent = new RateLimiter(engine, 100);
    torrent.take(0, 0);
    expect([torrent.waitMs(0), torrent.waitMs(0, 20), engine.waitMs(0, 20)]).toEqual([10, 200, 20]);
    expect([torrent.waitMs(10), torrent.take(10, 9)]).toEqual([0, 1]);
  });
});

import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';

import type { BandwidthConsumer, BandwidthQueue } from '../../src/policy/bandwidth-queue.ts';
import { LimiterTree } from '../../src/policy/limiter-tree.ts';
import type { PeerLimiters, TorrentLimiters } from '../../src/policy/limiter-tree.ts';
import type { RateLimiter } from '../../src/policy/rate-limiter.ts';
import type { PeerClass } from '../../src/sites/peer-class.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A connection that always wants more, a packet or a block at a time. */
class Eater implements BandwidthConsumer {
  readonly place: PeerLimiters;
  readonly limiter: RateLimiter;
  eaten = 0;
  readonly #queue: BandwidthQueue;
  readonly #mouthful: number;

  constructor(queue: BandwidthQueue, place: PeerLimiters, mouthful = 16_384) {
    this.place = place;
    this.limiter = place.down;
    this.#queue = queue;
    this.#mouthful = mouthful;
    queue.join(this);
  }

  offer(bytes: number): number {
    const used = Math.min(bytes, this.#mouthful);
    this.eaten += used;
    this.#queue.leave(this);
    this.#queue.join(this);
    return used;
  }

  leave(): void {
    this.#queue.leave(this);
    this.place.release();
  }
}

class Room {
  readonly clock = new VirtualClock();
  changes = 0;
  readonly tree = new LimiterTree({ clock: this.clock, changed: () => void (this.changes += 1) });

  eaters(torrent: TorrentLimiters, peerClass: PeerClass, count: number): Eater[] {
    return Array.from({ length: count }, () => new Eater(this.tree.queues.down, torrent.addPeer(peerClass)));
  }

  /** Bytes per second of each group from now on. */
  ratesOver(seconds: number, ...groups: readonly (readonly Eater[])[]): number[] {
    const before = groups.map(total);
    this.clock.advance(seconds * 1000);
    return groups.map((group, at) => (total(group) - before[at]!) / seconds);
  }
}

const total = (eaters: readonly Eater[]): number => eaters.reduce((sum, { eaten }) => sum + eaten, 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

/** Not above the limit but for what a bucket holds, and within 3 per cent below. */
function expectRate(rate: number, limit: number): void {
  expect(rate).toBeLessThanOrEqual(limit * 1.03);
  expect(rate).toBeGreaterThanOrEqual(limit * 0.97);
}

describe('the tree of limits', () => {
  it('limits nothing until told, and says so in one look', () => {
    const { tree } = new Room();
    const peer = tree.addTorrent().addPeer('wan');
    expect([peer.down.unlimited, peer.up.unlimited]).toEqual([true, true]);
    expect(peer.up.take(0, 1e9)).toBe(1e9);
  });

  it.each([300, 5_000, 1_000_000, 100_000_000])(
    'keeps each of its levels at %d bytes per second within 3 per cent over 10 s',
    (limit) => {
      const set: readonly ((room: Room, torrent: TorrentLimiters, peer: PeerLimiters) => void)[] = [
        ({ tree }) => tree.setEngine({ downBytesPerSecond: limit }),
        ({ tree }) => tree.setClass('outside', { downBytesPerSecond: limit }),
        ({ tree }) => tree.setClass('wan', { downBytesPerSecond: limit }),
        ({ tree }) => tree.setWanShare({ downBytesPerSecond: limit }),
        (_, torrent) => torrent.setLimits({ downBytesPerSecond: limit }),
        (_, __, peer) => peer.setLimits({ downBytesPerSecond: limit }),
      ];
      for (const setLimit of set) {
        const room = new Room();
        const torrent = room.tree.addTorrent();
        const place = torrent.addPeer('wan');
        setLimit(room, torrent, place);
        const eater = new Eater(room.tree.queues.down, place);
        expectRate(room.ratesOver(10, [eater])[0]!, limit);
        // The other direction is another tree.
        expect(place.up.unlimited).toBe(true);
      }
    },
  );

  it('limits a class over all torrents and leaves the others alone', () => {
    const room = new Room();
    room.tree.setClass('wan', { downBytesPerSecond: 200_000 });
    const torrents = [room.tree.addTorrent(), room.tree.addTorrent()];
    expect(torrents.map((torrent) => torrent.addPeer('site').down.unlimited)).toEqual([true, true]);
    expect(torrents.map((torrent) => torrent.addPeer('near').down.unlimited)).toEqual([true, true]);
    const [crowd, lonely] = [room.eaters(torrents[0]!, 'wan', 9), room.eaters(torrents[1]!, 'wan', 1)];
    const rates = room.ratesOver(10, crowd, lonely);
    expectRate(sum(rates), 200_000);
    expect(rates[0]! / rates[1]!).toBeCloseTo(1, 1);
  });

  it('counts near and far sites together as what leaves the site', () => {
    const room = new Room();
    room.tree.setClass('outside', { downBytesPerSecond: 100_000 });
    room.tree.setWanShare({ downBytesPerSecond: 80_000 });
    const torrent = room.tree.addTorrent();
    expect(torrent.addPeer('site').down.unlimited).toBe(true);
    const groups = [room.eaters(torrent, 'near', 2), room.eaters(torrent, 'wan', 2)];
    expectRate(sum(room.ratesOver(10, ...groups)), 80_000);
    room.tree.setWanShare({});
    expectRate(sum(room.ratesOver(10, ...groups)), 100_000);
  });

  it.each([600, 6_000, 600_000])(
    'shares one limit of a torrent, %d bytes per second, fairly between its classes',
    (limit) => {
      const room = new Room();
      const torrent = room.tree.addTorrent({ downBytesPerSecond: limit });
      const groups = (['site', 'near', 'wan'] as const).map((peerClass, at) =>
        room.eaters(torrent, peerClass, 1 + 3 * at),
      );
      const rates = room.ratesOver(60, ...groups);
      expectRate(sum(rates), limit);
      for (const rate of rates) expect(rate / (limit / 3)).toBeCloseTo(1, 0);
      expect(Math.max(...rates) / Math.min(...rates)).toBeLessThan(1.1);
    },
  );

  it("gives what one class cannot use of a torrent's limit to the others at once", () => {
    const room = new Room();
    const torrent = room.tree.addTorrent({ downBytesPerSecond: 300_000 });
    room.tree.setClass('wan', { downBytesPerSecond: 20_000 });
    room.tree.setClass('near', { downBytesPerSecond: 0 });
    const groups = (['near', 'wan', 'site'] as const).map((peerClass) => room.eaters(torrent, peerClass, 2));
    const [near, wan, site] = room.ratesOver(10, ...groups);
    expect(near).toBe(0);
    expectRate(wan!, 20_000);
    expectRate(site!, 280_000);
  });

  it('is fair between torrents although one of them has a limit of its own', () => {
    const room = new Room();
    room.tree.setClass('wan', { downBytesPerSecond: 900_000 });
    const torrents = [{ downBytesPerSecond: 100_000 }, {}, {}].map((limits) => room.tree.addTorrent(limits));
    const groups = torrents.map((torrent, at) => room.eaters(torrent, 'wan', 1 + at * 5));
    const rates = room.ratesOver(10, ...groups);
    expectRate(rates[0]!, 100_000);
    expectRate(rates[1]!, 400_000);
    expectRate(rates[2]!, 400_000);
  });

  it('divides fairly between the connections of a torrent, one with a limit of its own among them', () => {
    const room = new Room();
    room.tree.setEngine({ downBytesPerSecond: 100_000 });
    const eaters = room.eaters(room.tree.addTorrent(), 'wan', 10);
    eaters[0]!.place.setLimits({ downBytesPerSecond: 1_000 });
    const rates = room.ratesOver(30, ...eaters.map((eater) => [eater]));
    expectRate(rates[0]!, 1_000);
    for (const rate of rates.slice(1)) expect(Math.abs(rate / 11_000 - 1)).toBeLessThan(0.1);
  });

  it('has new limits in force at once, stops and goes on', () => {
    const room = new Room();
    const torrent = room.tree.addTorrent();
    const eaters = room.eaters(torrent, 'wan', 3);
    for (const limit of [1_000_000, 10_000, 0, 200_000, 0]) {
      room.tree.setClass('wan', { downBytesPerSecond: limit });
      // One second may carry what the bucket held.
      expect(room.ratesOver(1, eaters)[0]).toBeLessThanOrEqual(limit * 1.26);
      expectRate(room.ratesOver(10, eaters)[0]!, limit);
    }
    expect(room.clock.pending).toBe(0);
    room.tree.setClass('wan', {});
    expect(room.ratesOver(0.1, eaters)[0]).toBeGreaterThan(1e6);
  });

  it('follows a schedule at every level, and tells connections about each change', () => {
    const room = new Room();
    room.clock.setEpoch(Date.parse('2026-01-05T07:59:50Z'));
    const working = { windows: [{ from: '08:00', to: '18:00', bytesPerSecond: 50_000 }], timeZone: 'UTC' };
    const torrent = room.tree.addTorrent();
    room.tree.setWanShare({ downBytesPerSecond: { ...working, otherwise: 400_000 } });
    const eaters = room.eaters(torrent, 'wan', 3);
    const changes = room.changes;
    expectRate(room.ratesOver(10, eaters)[0]!, 400_000);
    expect(room.changes).toBe(changes + 1);
    expectRate(room.ratesOver(10, eaters)[0]!, 50_000);
    expect(room.ratesOver(1, eaters)[0]).toBeLessThan(55_000);
    torrent.setLimits({ downBytesPerSecond: { ...working, windows: [{ bytesPerSecond: 20_000 }] } });
    expectRate(room.ratesOver(20, eaters)[0]!, 20_000);
    torrent.release();
    room.tree.close();
  });

  it('knows the fair share of a connection at every level, and forgets those that left', () => {
    const room = new Room();
    const torrent = room.tree.addTorrent({ downBytesPerSecond: 60 });
    room.tree.setClass('site', { downBytesPerSecond: 30 });
    const [site, wan] = [room.eaters(torrent, 'site', 2), room.eaters(torrent, 'wan', 4)];
    expect([site[0]!.limiter.fairBytesPerSecond, wan[0]!.limiter.fairBytesPerSecond]).toEqual([10, 10]);
    for (const eater of wan.splice(1)) eater.leave();
    expect([site[0]!.limiter.fairBytesPerSecond, wan[0]!.limiter.fairBytesPerSecond]).toEqual([15, 20]);
  });

  it('never lets more pass than any limit allows, and uses what it may, whatever is set', () => {
    const limit = fc.option(fc.integer({ min: 5_000, max: 2_000_000 }), { nil: undefined, freq: 2 });
    const peers = fc.record({ site: fc.nat(3), near: fc.nat(3), wan: fc.nat(3) });
    fc.assert(
      fc.property(
        fc.integer({ min: 50_000, max: 5_000_000 }),
        fc.record({ site: limit, outside: limit, near: limit, wan: limit }),
        fc.array(fc.tuple(limit, peers), { minLength: 1, maxLength: 3 }),
        (engine, classes, torrents) => {
          const room = new Room();
          room.tree.setEngine({ downBytesPerSecond: engine });
          for (const name of ['site', 'outside', 'near', 'wan'] as const)
            if (classes[name] !== undefined) room.tree.setClass(name, { downBytesPerSecond: classes[name] });
          const groups = torrents.map(([limit, counts]) => {
            const place = room.tree.addTorrent(limit === undefined ? {} : { downBytesPerSecond: limit });
            return (['site', 'near', 'wan'] as const).map((name) => room.eaters(place, name, counts[name]));
          });
          const rates = groups.map((byClass) => byClass.map(() => 0));
          const flat = room.ratesOver(10, ...groups.flat());
          for (const [at, rate] of flat.entries()) rates[Math.floor(at / 3)]![at % 3] = rate;
          const ofClass = (at: number): number => sum(rates.map((each) => each[at]!));
          const outside = ofClass(1) + ofClass(2);
          const full = (rate: number, limit = Infinity): boolean => {
            expect(rate).toBeLessThanOrEqual(limit * 1.001);
            return rate > limit * 0.97;
          };
          const engineFull = full(sum(flat), engine);
          const outsideFull = full(outside, classes.outside);
          const classFull = [classes.site, classes.near, classes.wan].map((limit, at) =>
            full(ofClass(at), limit),
          );
          for (const [at, [limit]] of torrents.entries()) {
            const torrentFull = full(sum(rates[at]!), limit);
            for (let peerClass = 0; peerClass < 3; peerClass += 1) {
              if (groups[at]![peerClass]!.length === 0) continue;
              const held =
                engineFull || classFull[peerClass] || torrentFull || (peerClass > 0 && outsideFull);
              expect(held).toBe(true);
            }
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

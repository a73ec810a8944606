import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { PeerAddress } from '@brine/wire';

import { addressKind } from '../src/peers/address-kind.ts';
import { PEERS_MAX, PeerList } from '../src/peers/peer-list.ts';
import type { PeerSource } from '../src/peers/peer-list.ts';
import { seededRandom } from './policy/seeded-random.ts';

function list(): PeerList {
  return new PeerList({ random: seededRandom(1) });
}

/** `1.2.3.4:5` or `[2001::1]:5`. */
function at(text: string): PeerAddress {
  const colon = text.lastIndexOf(':');
  return { ip: text.slice(0, colon).replace(/^\[|\]$/gu, ''), port: Number(text.slice(colon + 1)) };
}

function numbered(count: number, second = 0): PeerAddress[] {
  return Array.from({ length: count }, (_, n) => at(`80.${second}.${n >> 8}.${n & 255}:6881`));
}

function all(peers: PeerList, nowMs = 0): string[] {
  return peers.candidates(nowMs, 10_000).map(({ ip, port }) => `${ip}:${port}`);
}

/** Milliseconds from `nowMs` until the list has something to offer. */
function untilOffer(peers: PeerList, nowMs: number): number {
  let [early, late] = [-1, 1e9];
  while (late - early > 1) {
    const middle = Math.floor((early + late) / 2);
    if (all(peers, nowMs + middle).length > 0) late = middle;
    else early = middle;
  }
  return late;
}

/** Fails an address until the list no longer offers it, however long one waits; answers how often. */
function failUntilForgotten(peers: PeerList, address: PeerAddress, most: number): number {
  let count = 0;
  while (count < most && peers.candidates(1e12, 1).length > 0) {
    peers.failed(address, 0);
    count++;
  }
  return count;
}

describe('the list of known peers', () => {
  it("offers an administrator's first, then those never tried, then those that failed least", () => {
    const peers = list();
    peers.add([at('80.0.0.1:1'), at('80.0.0.2:1'), at('80.0.0.3:1'), at('80.0.0.4:1')], 'tracker');
    peers.add([at('80.0.0.9:1')], 'static');
    peers.dialled(at('80.0.0.1:1'));
    peers.disconnected(at('80.0.0.1:1'), 0);
    peers.failed(at('80.0.0.2:1'), 0);
    peers.failed(at('80.0.0.3:1'), 0);
    peers.failed(at('80.0.0.3:1'), 0);
    expect(all(peers, 1e9)).toEqual(['80.0.0.9:1', '80.0.0.4:1', '80.0.0.1:1', '80.0.0.2:1', '80.0.0.3:1']);
    expect(peers.candidates(1e9, 2)).toEqual([at('80.0.0.9:1'), at('80.0.0.4:1')]);
  });

  it("mixes equals, so that not everybody dials the head of the tracker's answer", () => {
    const orders = [1, 2, 3].map((seed) => {
      const peers = new PeerList({ random: seededRandom(seed) });
      peers.add(numbered(20), 'tracker');
      return all(peers).join(' ');
    });
    expect(new Set(orders).size).toBe(3);
  });

  it('orders equals by canonical priority once it knows how others see us', () => {
    const peers = list();
    peers.add([at('98.76.54.32:1'), at('123.213.32.234:1')], 'tracker');
    peers.weAre(at('123.213.32.10:6881'));
    // BEP 40: ec2d7224 is more than 99568189.
    expect(all(peers)).toEqual(['98.76.54.32:1', '123.213.32.234:1']);
  });

  it('does not offer who is being dialled or connected, and offers it again some time after the end', () => {
    const peers = list();
    peers.add([at('80.0.0.1:1')], 'tracker');
    peers.dialled(at('80.0.0.1:1'));
    expect(all(peers, 1e9)).toEqual([]);
    peers.disconnected(at('80.0.0.1:1'), 1_000);
    expect(all(peers, 1_000)).toEqual([]);
    expect(all(peers, 1e9)).toEqual(['80.0.0.1:1']);
  });

  it("backs off longer after each failure, an administrator's peer for a minute at most", () => {
    const peers = list();
    const address = at('80.0.0.1:1');
    peers.add([address], 'static');
    const waits = Array.from({ length: 40 }, () => {
      peers.failed(address, 0);
      return untilOffer(peers, 0);
    });
    expect(waits[2]).toBeGreaterThan(waits[0] ?? Infinity);
    expect(Math.max(...waits)).toBeLessThanOrEqual(75_000);
    expect(peers.size).toBe(1);
  });

  it.each<PeerSource>(['tracker', 'pex', 'lsd', 'incoming'])(
    'forgets an address by %s that failed three times',
    (source) => {
      const peers = list();
      peers.add([at('80.0.0.1:1')], source);
      expect(failUntilForgotten(peers, at('80.0.0.1:1'), 10)).toBe(3);
      expect(peers.size).toBe(0);
    },
  );

  it('takes no address twice, in whatever notation', () => {
    const peers = list();
    peers.add(
      [at('80.0.0.1:1'), at('[::ffff:80.0.0.1]:1'), at('[2a00::0:1]:1'), at('[2A00:0:0::1]:1')],
      'tracker',
    );
    expect(peers.size).toBe(2);
  });

  it('ignores what is no address of a peer', () => {
    const peers = list();
    const odd = [
      '0.0.0.0:1',
      '224.0.0.1:1',
      '255.255.255.255:1',
      '[::]:1',
      '[ff02::1]:1',
      '80.0.0.1:0',
      '80.0.0.1:65536',
    ];
    for (const source of ['static', 'tracker', 'pex', 'lsd'] as const) {
      peers.add([...odd.map(at), at('host:1'), at('80.0.0:1'), at('080.0.0.1:1')], source, at('127.0.0.1:1'));
    }
    expect(all(peers)).toEqual([]);
  });
});

describe('what is believed', () => {
  const local = ['127.0.0.1:1', '10.0.0.1:1', '192.168.1.1:1', '[fe80::1]:1', '[fd00::1]:1', '[::1]:1'].map(
    at,
  );

  it.each<[string, PeerSource, string | undefined, number]>([
    ['an administrator anything', 'static', undefined, 6],
    ['a tracker anything, while nothing is known about it', 'tracker', undefined, 6],
    ['a tracker elsewhere nothing about our networks', 'tracker', '80.0.0.1:80', 0],
    ['a peer elsewhere nothing about our networks', 'pex', '80.0.0.1:80', 0],
    ['a peer in a private network its like, but not this machine', 'pex', '10.0.0.7:80', 4],
    ['a peer on this machine everything', 'pex', '127.0.0.1:80', 6],
    ['a peer behind a mapped address as behind the plain one', 'pex', '::ffff:10.0.0.7:80', 4],
    ['nobody in particular nothing', 'pex', undefined, 0],
  ])('of %s', (_, source, teller, count) => {
    const peers = list();
    peers.add(local, source, teller === undefined ? undefined : at(teller));
    expect(peers.size).toBe(count);
  });

  it.each([
    ['8.8.8.8', 'global'],
    ['100.64.0.1', 'private'],
    ['100.128.0.1', 'global'],
    ['172.15.0.1', 'global'],
    ['172.31.255.255', 'private'],
    ['169.254.1.1', 'private'],
    ['127.255.255.255', 'loopback'],
    ['0.1.2.3', 'unusable'],
    ['240.0.0.1', 'unusable'],
    ['2001:db8::1', 'global'],
    ['::1', 'loopback'],
    ['::', 'unusable'],
    ['febf::1', 'private'],
    ['fec0::1', 'global'],
    ['fdff::1', 'private'],
    ['ff02::1', 'unusable'],
  ] as const)('the address %s is %s', (ip, kind) => {
    expect(addressKind(ip)).toBe(kind);
  });
});

describe('the bounds of the list', () => {
  it('keeps good addresses when a flood of invented ones arrives', () => {
    const peers = list();
    peers.add(numbered(100), 'tracker');
    peers.add(numbered(5_000, 1), 'pex', at('80.9.9.9:1'));
    expect(peers.size).toBe(PEERS_MAX);
    expect(all(peers).filter((ip) => ip.startsWith('80.0.'))).toHaveLength(100);
  });

  it('makes room for better sources, and in place of what failed', () => {
    const peers = list();
    peers.add(numbered(PEERS_MAX), 'pex', at('80.9.9.9:1'));
    peers.failed(at('80.0.0.7:6881'), 0);
    peers.add(numbered(1, 1), 'pex', at('80.9.9.9:1'));
    expect(all(peers, 1e9)).not.toContain('80.0.0.7:6881');
    peers.add(numbered(50, 2), 'tracker');
    expect(all(peers, 1e9).filter((ip) => ip.startsWith('80.2.'))).toHaveLength(50);
    expect(peers.size).toBe(PEERS_MAX);
  });

  it("never turns an administrator's address away nor out", () => {
    const peers = list();
    peers.add(numbered(PEERS_MAX + 10), 'static');
    peers.add(numbered(100, 1), 'tracker');
    expect(peers.size).toBe(PEERS_MAX + 10);
  });

  it('never grows beyond its bound by what strangers tell, whatever happens', () => {
    const small = fc.record({ ip: fc.ipV4(), port: fc.nat(65_535) });
    const told = fc.record({
      source: fc.constantFrom<PeerSource>('tracker', 'pex', 'lsd', 'incoming'),
      addresses: fc.array(small, { maxLength: 300 }),
      fate: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(told, { maxLength: 20 }), (steps) => {
        const peers = list();
        for (const { source, addresses, fate } of steps) {
          peers.add(addresses, source);
          for (const address of peers.candidates(0, 20)) {
            peers.dialled(address);
            if (fate === 1) peers.failed(address, 0);
            if (fate === 2) peers.disconnected(address, 0);
            if (fate === 3) peers.isSelf(address);
          }
          expect(peers.size).toBeLessThanOrEqual(PEERS_MAX);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('who is never dialled again', () => {
  it('ourselves', () => {
    const peers = list();
    peers.add([at('80.0.0.1:1')], 'static');
    peers.isSelf(at('80.0.0.1:1'));
    peers.add([at('80.0.0.1:1')], 'tracker');
    expect(all(peers)).toEqual([]);
  });

  it('a banned peer, while its neighbours behind the same address stay', () => {
    const peers = list();
    peers.add([at('80.0.0.1:1'), at('80.0.0.1:2')], 'tracker');
    peers.ban(at('80.0.0.1:1'), 'its name');
    peers.add([at('80.0.0.1:1')], 'static');
    expect(all(peers)).toEqual(['80.0.0.1:2']);
    expect([peers.isBanned(at('80.0.0.1:2')), peers.isBanned(at('80.0.0.7:7'), 'its name')]).toEqual([
      false,
      true,
    ]);
  });

  it('an address at which three were banned, unless it is a local one', () => {
    const peers = list();
    for (const ip of ['80.0.0.1', '127.0.0.1']) {
      for (const port of [1, 2, 3]) peers.ban({ ip, port }, `${ip}/${port}`);
    }
    expect([peers.isBanned(at('80.0.0.1:9')), peers.isBanned(at('127.0.0.1:9'))]).toEqual([true, false]);
  });

  it('a seed, for ten minutes, unless we need something again', () => {
    const peers = list();
    peers.add([at('80.0.0.1:1')], 'tracker');
    peers.isSeed(at('80.0.0.1:1'), 0);
    expect(all(peers, 500_000)).toEqual([]);
    expect(untilOffer(peers, 500_000)).toBe(100_000);
    peers.forgiveSeeds();
    expect(all(peers)).toHaveLength(1);
  });
});

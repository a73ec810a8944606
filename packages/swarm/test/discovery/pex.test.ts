import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  PEX_ENTRIES_MAX,
  PEX_EXCESS_MAX,
  PEX_FIRST_ENTRIES_MAX,
  PEX_FLAGS,
  PEX_INTERVAL_MS,
  PEX_TOLD_MAX,
  type PexEvent,
  pexFlags,
  PexInbox,
  PexOutbox,
} from '../../src/discovery/pex.ts';

const minute = PEX_INTERVAL_MS;

function peers(...numbers: number[]) {
  return numbers.map((n) => ({ ip: `10.0.${n >> 8}.${n & 255}`, port: 6881, flags: 0 }));
}

function range(count: number, from = 0) {
  return Array.from({ length: count }, (_, index) => from + index);
}

function addresses(numbers: readonly number[]) {
  return peers(...numbers).map(({ ip, port }) => ({ ip, port }));
}

function message(...added: PexEvent['added'][number][]): PexEvent {
  return { type: 'pex', added, dropped: [] };
}

describe('what a torrent tells a peer', () => {
  test('is first everybody, then only who came and who went', () => {
    const outbox = new PexOutbox({ private: false });
    expect(outbox.messageFor('a', peers(1, 2), 0)).toEqual({ added: peers(1, 2), dropped: [] });
    expect(outbox.messageFor('a', peers(2, 3), minute)).toEqual({ added: peers(3), dropped: addresses([1]) });
  });

  test('comes at most once a minute', () => {
    const outbox = new PexOutbox({ private: false });
    expect(outbox.messageFor('a', peers(1), 0)).toBeDefined();
    expect(outbox.messageFor('a', peers(1, 2), minute - 1)).toBeUndefined();
    expect(outbox.messageFor('a', peers(1, 2), minute)).toEqual({ added: peers(2), dropped: [] });
  });

  test('does not come when nothing changed, and then a change need not wait', () => {
    const outbox = new PexOutbox({ private: false });
    expect(outbox.messageFor('a', [], 0)).toBeUndefined();
    expect(outbox.messageFor('a', peers(1), 1)).toBeDefined();
    expect(outbox.messageFor('a', peers(1), 1 + minute)).toBeUndefined();
    expect(outbox.messageFor('a', peers(2), 2 + minute)).toBeDefined();
  });

  test('does not name a peer that came and went in between', () => {
    const outbox = new PexOutbox({ private: false });
    outbox.messageFor('a', peers(1), 0);
    outbox.messageFor('a', peers(1, 2), minute / 2);
    expect(outbox.messageFor('a', peers(1), minute)).toBeUndefined();
  });

  test('does not name the peer to itself, and names nobody twice', () => {
    const outbox = new PexOutbox({ private: false });
    const [self] = addresses([1]);
    expect(outbox.messageFor('a', peers(1, 2, 2), 0, self)).toEqual({ added: peers(2), dropped: [] });
  });

  test('is cut to 50 added and 50 dropped, and the rest follows a minute later', () => {
    const outbox = new PexOutbox({ private: false });
    const first = peers(...range(80));
    expect(outbox.messageFor('a', first, 0)?.added).toHaveLength(PEX_ENTRIES_MAX);
    expect(outbox.messageFor('a', first, minute)?.added).toEqual(first.slice(PEX_ENTRIES_MAX));
    const dropped = range(2).map((n) => outbox.messageFor('a', [], (n + 2) * minute)?.dropped.length);
    expect(dropped).toEqual([50, 30]);
  });

  test('stops at a bounded number of remembered peers until some are dropped', () => {
    const outbox = new PexOutbox({ private: false });
    const many = peers(...range(500));
    const told = range(5).map((n) => outbox.messageFor('a', many, n * minute)?.added.length ?? 0);
    expect(told.reduce((sum, count) => sum + count)).toBe(PEX_TOLD_MAX);
  });

  test('starts over for a connection that was forgotten', () => {
    const outbox = new PexOutbox({ private: false });
    outbox.messageFor('a', peers(1), 0);
    outbox.forget('a');
    expect(outbox.messageFor('a', peers(1), 1)?.added).toEqual(peers(1));
  });

  test('is nothing in a private torrent', () => {
    expect(new PexOutbox({ private: true }).messageFor('a', peers(1), 0)).toBeUndefined();
  });

  test('carries flags for seeds and for peers that can be reached', () => {
    expect(pexFlags({ seed: true, outgoing: false })).toBe(PEX_FLAGS.seed);
    expect(pexFlags({ seed: true, outgoing: true })).toBe(0x12);
    expect(pexFlags({ seed: false, outgoing: false })).toBe(0);
  });

  test('adds up, whatever comes and goes, to peers that were connected when last told', () => {
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(fc.nat(120)), { maxLength: 20 }), (rounds) => {
        const outbox = new PexOutbox({ private: false });
        const known = new Set<string>();
        for (const [round, connected] of rounds.entries()) {
          const sent = outbox.messageFor('a', peers(...connected), round * minute);
          const added = sent?.added.map(({ ip }) => ip) ?? [];
          const dropped = sent?.dropped.map(({ ip }) => ip) ?? [];
          expect(added.every((ip) => !known.has(ip))).toBe(true);
          expect(dropped.every((ip) => known.has(ip) && !added.includes(ip))).toBe(true);
          for (const ip of dropped) known.delete(ip);
          for (const ip of added) known.add(ip);
          expect(known.size).toBeLessThanOrEqual(PEX_TOLD_MAX);
        }
        const unconnected = range(4).map((n) => outbox.messageFor('a', [], (rounds.length + n) * minute));
        const ends = unconnected.flatMap((sent) => sent?.dropped ?? []);
        expect(new Set(ends.map(({ ip }) => ip))).toEqual(known);
      }),
    );
  });
});

describe('what a peer tells us', () => {
  test('is candidates with the flags that it claims', () => {
    const inbox = new PexInbox({ private: false });
    const seed = { ip: '10.0.0.1', port: 6881, flags: PEX_FLAGS.seed };
    expect(inbox.accept(message(seed), 0)).toEqual([seed]);
  });

  test('is cut in size, the first message less so', () => {
    const inbox = new PexInbox({ private: false });
    expect(inbox.accept(message(...peers(...range(300))), 0)).toHaveLength(PEX_FIRST_ENTRIES_MAX);
    expect(inbox.accept(message(...peers(...range(300))), minute)).toHaveLength(PEX_ENTRIES_MAX);
  });

  test('names each IP address once and no port 0', () => {
    const inbox = new PexInbox({ private: false });
    const one = { ip: '10.0.0.1', flags: 0 };
    const event = message({ ...one, port: 0 }, { ...one, port: 1 }, { ...one, port: 2 });
    expect(inbox.accept(event, 0)).toEqual([{ ...one, port: 1 }]);
  });

  test('may come a little early, but not more often than once a minute in the long run', () => {
    const inbox = new PexInbox({ private: false });
    const accepted = range(120).map((n) => inbox.accept(message(...peers(1)), n * (minute / 4)).length);
    expect(accepted.slice(0, 2)).toEqual([1, 1]);
    expect(accepted.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(32);
  });

  test('counts as flooding only after many early messages', () => {
    const inbox = new PexInbox({ private: false });
    const flooding = range(PEX_EXCESS_MAX + 3).map(() => {
      inbox.accept(message(), 0);
      return inbox.flooding;
    });
    expect(flooding.indexOf(true)).toBe(PEX_EXCESS_MAX + 2);
  });

  test('is nothing in a private torrent', () => {
    expect(new PexInbox({ private: true }).accept(message(...peers(1)), 0)).toEqual([]);
  });
});

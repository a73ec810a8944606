import { decodeLsdAnnounce, encodeLsdAnnounce, LSD_GROUPS, LSD_PORT, type PeerAddress } from '@brine/wire';
import { describe, expect, test } from 'vitest';

import { LocalDiscovery, LSD_JITTER_MS, type LsdTorrent } from '../../src/discovery/lsd.ts';
import { LSD_INTERVAL_MIN_MS, LSD_INTERVAL_MS } from '../../src/discovery/lsd-timetable.ts';
import type { Datagrams, GroupMember } from '../../src/ports/datagrams.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

const everywhere = { ip: '::', port: 6881 };
const sender = { ip: '10.1.0.9', port: 6771 };
const minute = LSD_INTERVAL_MIN_MS;

function torrent(number: number): LsdTorrent {
  const infoHash = new Uint8Array(20).fill(number);
  return { id: Buffer.from(infoHash).toString('hex'), infoHash };
}

function torrents(count: number): LsdTorrent[] {
  return Array.from({ length: count }, (_, index) => torrent(index + 1));
}

/** An engine's discovery on links of its own, with everything that it sent and found. */
function setUp(
  options: { readonly listening?: readonly PeerAddress[]; readonly torrents?: LsdTorrent[] } = {},
) {
  const clock = new VirtualClock();
  const members = new Map<string, GroupMember>();
  const sent: { group: string; from: string | undefined; bytes: Uint8Array; atMs: number }[] = [];
  const found: string[] = [];
  const link = { up: true };
  const running = options.torrents ?? torrents(1);
  const listening = [...(options.listening ?? [everywhere])];
  const datagrams: Datagrams = {
    bind: () => Promise.reject(new Error('not needed')),
    resolve: () => Promise.reject(new Error('not needed')),
    joinGroup: async ({ ip, port }, member) => {
      expect(port).toBe(LSD_PORT);
      members.set(ip, member);
      return {
        send: (bytes, from) => {
          if (link.up) sent.push({ group: ip, from, bytes, atMs: clock.nowMs() });
          return link.up;
        },
        close: () => void members.delete(ip),
      };
    },
  };
  const lsd = new LocalDiscovery({
    clock,
    // Late in every jitter, and bytes that tell nothing.
    random: { next: () => 0.999, bytes: (count) => new Uint8Array(count).fill(0xab) },
    datagrams,
    listening: () => listening,
    torrents: () => running,
    found: (id, { ip, port }) => void found.push(`${id.slice(0, 2)} ${ip} ${port}`),
  });
  return {
    lsd,
    clock,
    members,
    link,
    found,
    running,
    listening,
    /** Announces since the last call, as `family: numbers of the torrents`. */
    announced: (): string[] =>
      sent.splice(0).map(({ group, bytes }) => {
        const { infoHashes } = decodeLsdAnnounce(bytes);
        return `${group === LSD_GROUPS[4].ip ? 4 : 6}: ${infoHashes.map((infoHash) => infoHash[0]).join(' ')}`;
      }),
    /** The same with addresses and ports. */
    doors: (): string[] =>
      sent.splice(0).map(({ from, bytes }) => `${from ?? 'any'} ${decodeLsdAnnounce(bytes).port}`),
    hear: (bytes: Uint8Array, from = sender) => members.get(LSD_GROUPS[4].ip)?.received({ bytes, from }),
    sent,
  };
}

function announceOf(...numbers: number[]): Uint8Array {
  return announceBy('theirs', ...numbers);
}

function announceBy(cookie: string, ...numbers: number[]): Uint8Array {
  const infoHashes = numbers.map((number) => torrent(number).infoHash);
  return encodeLsdAnnounce({ infoHashes, port: 7000, cookie }, 4);
}

describe('what an engine announces', () => {
  test('is a torrent that runs, soon, a minute later, and then every five minutes, to both groups', async () => {
    const { lsd, clock, announced } = setUp();
    await lsd.listeningChanged();
    expect(announced()).toEqual([]);
    clock.advance(LSD_JITTER_MS);
    expect(announced()).toEqual(['4: 1', '6: 1']);
    clock.advance(minute - 1);
    expect(announced()).toEqual([]);
    clock.advance(1);
    expect(announced()).toEqual(['4: 1', '6: 1']);
    clock.advance(LSD_INTERVAL_MS - 1);
    expect(announced()).toEqual([]);
    clock.advance(1 + 2 * LSD_INTERVAL_MS);
    expect(announced()).toHaveLength(6);
  });

  test('has its port and its cookie', async () => {
    const { lsd, clock, sent } = setUp();
    await lsd.listeningChanged();
    clock.advance(LSD_JITTER_MS);
    const announces = sent.map(({ bytes }) => decodeLsdAnnounce(bytes));
    const expected = { infoHashes: [torrent(1).infoHash], port: 6881, cookie: 'abababababababab' };
    expect(announces).toEqual([expected, expected]);
  });

  test('begins with a torrent that is added, and leaves the others their time', async () => {
    const { lsd, clock, running, announced } = setUp();
    await lsd.listeningChanged();
    clock.advance(minute / 2);
    announced();
    running.push(torrent(2));
    lsd.torrentsChanged();
    clock.advance(LSD_JITTER_MS);
    expect(announced()).toEqual(['4: 2', '6: 2']);
    clock.advance(minute / 2);
    expect(announced()).toEqual(['4: 1', '6: 1']);
  });

  test('is not more often than once a minute, however often a torrent is stopped and started', async () => {
    const { lsd, clock, running, sent } = setUp();
    await lsd.listeningChanged();
    for (let second = 0; second < 600; second += 1) {
      running.splice(0, 1);
      lsd.torrentsChanged();
      clock.advance(LSD_JITTER_MS);
      running.push(torrent(1));
      lsd.torrentsChanged();
      clock.advance(LSD_JITTER_MS);
    }
    const times = sent.filter(({ group }) => group === LSD_GROUPS[4].ip).map(({ atMs }) => atMs);
    expect(times.length).toBeGreaterThan(8);
    const gaps = times.slice(1).map((atMs, before) => atMs - (times[before] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(minute);
  });

  test('ends with the torrent', async () => {
    const { lsd, clock, running, announced } = setUp();
    await lsd.listeningChanged();
    clock.advance(LSD_JITTER_MS);
    announced();
    running.length = 0;
    lsd.torrentsChanged();
    clock.advance(LSD_INTERVAL_MS);
    expect(announced()).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  test('has a datagram for each of a few torrents, and shares them among many', async () => {
    const few = setUp({ torrents: torrents(5) });
    await few.lsd.listeningChanged();
    few.clock.advance(LSD_JITTER_MS);
    expect(few.announced().filter((line) => line.startsWith('4'))).toEqual([
      '4: 1',
      '4: 2',
      '4: 3',
      '4: 4',
      '4: 5',
    ]);
    const many = setUp({ torrents: torrents(45) });
    await many.lsd.listeningChanged();
    many.clock.advance(LSD_JITTER_MS);
    for (const { bytes } of many.sent) expect(bytes.length).toBeLessThanOrEqual(1400);
    expect(many.announced().filter((line) => line.startsWith('4'))).toEqual([
      `4: ${torrents(20)
        .map((_, at) => at + 1)
        .join(' ')}`,
      `4: ${torrents(20)
        .map((_, at) => at + 21)
        .join(' ')}`,
      '4: 41 42 43 44 45',
    ]);
  });

  test('is repeated, a minute after the last time, when there is another link', async () => {
    const { lsd, clock, members, announced } = setUp();
    await lsd.listeningChanged();
    clock.advance(2 * minute);
    announced();
    members.get(LSD_GROUPS[4].ip)!.linkJoined();
    clock.advance(LSD_JITTER_MS);
    expect(announced()).toEqual(['4: 1', '6: 1']);
    clock.advance(minute);
    expect(announced()).toEqual(['4: 1', '6: 1']);
  });

  test('waits for a link, and then not for a minute', async () => {
    const { lsd, clock, link, members, announced } = setUp();
    link.up = false;
    await lsd.listeningChanged();
    clock.advance(5_000);
    expect(announced()).toEqual([]);
    link.up = true;
    members.get(LSD_GROUPS[4].ip)!.linkJoined();
    clock.advance(LSD_JITTER_MS);
    expect(announced()).toEqual(['4: 1', '6: 1']);
  });

  test('is tried again when the address that we listen at is on no link', async () => {
    const { lsd, clock, link, announced } = setUp();
    link.up = false;
    await lsd.listeningChanged();
    clock.advance(LSD_JITTER_MS);
    link.up = true;
    clock.advance(minute);
    expect(announced()).toEqual(['4: 1', '6: 1']);
  });

  test.each<[readonly PeerAddress[], readonly string[]]>([
    [[{ ip: '::', port: 1 }], ['any 1', 'any 1']],
    [[{ ip: '0.0.0.0', port: 1 }], ['any 1']],
    [
      [
        { ip: '0.0.0.0', port: 1 },
        { ip: '::', port: 2 },
      ],
      ['any 1', 'any 2'],
    ],
    [
      [
        { ip: '10.0.0.1', port: 1 },
        { ip: 'fd00::1', port: 2 },
      ],
      ['10.0.0.1 1', 'fd00::1 2'],
    ],
    [
      [
        { ip: '127.0.0.1', port: 1 },
        { ip: '10.0.0.1', port: 2 },
      ],
      ['10.0.0.1 2'],
    ],
  ])('names the ports of %j where they can be reached', async (listening, expected) => {
    const { lsd, clock, doors } = setUp({ listening });
    await lsd.listeningChanged();
    clock.advance(LSD_JITTER_MS);
    expect(doors()).toEqual(expected);
  });

  test('is nothing, and nobody is heard, while only this machine could connect', async () => {
    const { lsd, clock, listening, members, announced } = setUp({
      listening: [
        { ip: '127.0.0.1', port: 1 },
        { ip: '::1', port: 1 },
      ],
    });
    await lsd.listeningChanged();
    lsd.torrentsChanged();
    clock.advance(LSD_INTERVAL_MS);
    expect(members.size).toBe(0);
    listening.push({ ip: '10.0.0.1', port: 2 });
    await lsd.listeningChanged();
    clock.advance(LSD_JITTER_MS);
    expect(announced()).toEqual(['4: 1']);
  });

  test('ends with the engine, also while it joins', async () => {
    const { lsd, clock, members, announced } = setUp();
    await lsd.listeningChanged();
    lsd.close();
    lsd.close();
    lsd.torrentsChanged();
    clock.advance(LSD_INTERVAL_MS);
    expect(announced()).toEqual([]);
    expect(members.size).toBe(0);
    const other = setUp();
    const joining = other.lsd.listeningChanged();
    other.lsd.close();
    await joining;
    expect(other.members.size).toBe(0);
    expect(other.clock.pending).toBe(0);
  });
});

describe('what an engine hears', () => {
  test('is who else has which torrents, at the address of the datagram', async () => {
    const { lsd, hear, found } = setUp();
    await lsd.listeningChanged();
    hear(announceOf(1, 2));
    hear(announceBy('another', 3), { ip: '::ffff:10.1.0.7', port: 6771 });
    expect(found).toEqual(['01 10.1.0.9 7000', '02 10.1.0.9 7000', '03 10.1.0.7 7000']);
    expect(lsd.counts.heard).toBe(2);
  });

  test('is one address of a machine that announces itself from several', async () => {
    const { lsd, clock, hear, found } = setUp();
    await lsd.listeningChanged();
    const again = { ip: 'fd00::9', port: 6771 };
    for (const from of [sender, again]) hear(announceOf(1), from);
    for (const from of [sender, again]) hear(announceOf(2), from);
    expect(found).toEqual(['01 10.1.0.9 7000', '02 10.1.0.9 7000']);
    clock.advance(minute);
    hear(announceOf(1), again);
    expect(found.at(-1)).toBe('01 fd00::9 7000');
  });

  test('is not itself', async () => {
    const { lsd, clock, sent, hear, found } = setUp();
    await lsd.listeningChanged();
    clock.advance(LSD_JITTER_MS);
    for (const { bytes } of sent) hear(bytes);
    expect(found).toEqual([]);
    expect(lsd.counts).toEqual({ sent: 2, heard: 0, malformed: 0, flooded: 0 });
  });

  test('is counted and forgotten when it makes no sense', async () => {
    const { lsd, hear, found } = setUp();
    await lsd.listeningChanged();
    hear(new Uint8Array(0));
    hear(Buffer.from('M-SEARCH * HTTP/1.1\r\nPort: 1\r\n\r\n\r\n'));
    hear(new Uint8Array(65_000).fill(0x41));
    expect(found).toEqual([]);
    expect(lsd.counts.malformed).toBe(3);
  });

  test('is told once, however often one datagram names it, and not of addresses that lead nowhere', async () => {
    const { lsd, hear, found } = setUp();
    await lsd.listeningChanged();
    hear(announceOf(4, 4, 4));
    hear(announceOf(5), { ip: 'fe80::1', port: 6771 });
    expect(found).toEqual(['04 10.1.0.9 7000']);
  });

  test('is bounded for each source, and a flood from one does not drown the others', async () => {
    const { lsd, clock, hear, found } = setUp();
    await lsd.listeningChanged();
    for (let count = 0; count < 10_000; count += 1) hear(announceOf(1));
    const burst = found.length;
    expect(burst).toBeLessThanOrEqual(200);
    hear(announceBy('another', 2), { ip: '10.1.0.10', port: 6771 });
    expect(found.at(-1)).toBe('02 10.1.0.10 7000');
    expect(lsd.counts.flooded).toBe(10_000 - burst);
    clock.advance(10_000);
    found.length = 0;
    for (let count = 0; count < 1_000; count += 1) hear(announceOf(1));
    expect(found).toHaveLength(20);
  });

  test('is bounded in all, whatever addresses a flood pretends to come from', async () => {
    const { lsd, clock, hear, found } = setUp();
    await lsd.listeningChanged();
    const flood = (): void => {
      for (let from = 0; from < 5_000; from += 1)
        hear(announceBy(`cookie-${from}`, 1), { ip: `10.2.${from >> 8}.${from & 255}`, port: 1 });
    };
    flood();
    expect(found).toHaveLength(2_000);
    clock.advance(1_000);
    flood();
    expect(found).toHaveLength(2_050);
  });
});

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AnnounceRequest } from '../src/tracker/announce.ts';
import { UdpTrackerExchange } from '../src/tracker/udp-exchange.ts';
import type { UdpTrackerEvent, UdpTrackerExchangeOptions } from '../src/tracker/udp-exchange.ts';
import { decodeUdpPacket, encodeUdpAnnounce, encodeUdpScrape } from '../src/tracker/udp-packet.ts';
import { WireError } from '../src/wire-error.ts';
import { uint32 } from './peer-pair.ts';

const REQUEST: AnnounceRequest = {
  infoHash: new Uint8Array(20).fill(0xaa),
  peerId: new Uint8Array(20).fill(0xbb),
  port: 6881,
  uploaded: 3,
  downloaded: 2 ** 33 + 1,
  left: 2,
  event: 'completed',
  key: 0xdeadbeef,
  numWant: 50,
};
const CONNECTION_ID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe('an exchange with a UDP tracker', () => {
  it('connects, announces and reads the answer', () => {
    const exchange = exchangeOf();
    expect(sent(exchange.start(0))).toEqual(
      Uint8Array.of(0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, ...words(0, 1)),
    );
    const announce = sent(exchange.receive(connectAnswer(1), 10));
    expect(announce).toEqual(
      Uint8Array.of(
        ...CONNECTION_ID,
        ...words(1, 2),
        ...REQUEST.infoHash,
        ...REQUEST.peerId,
        ...words(2, 1, 0, 2, 0, 3, 1, 0, 0xdeadbeef, 50),
        0x1a,
        0xe1,
      ),
    );
    expect(exchange.receive(announceAnswer(2, [9, 9, 9, 9, 0, 7]), 20)).toEqual({
      type: 'announced',
      response: { intervalSeconds: 1800, leechers: 4, seeders: 5, peers: [{ ip: '9.9.9.9', port: 7 }] },
    });
    expect(exchange.nextTimeoutMs).toBeUndefined();
    expect(exchange.connection).toEqual({ id: CONNECTION_ID, receivedMs: 10 });
  });

  it('reads peers of 18 bytes from a tracker on IPv6', () => {
    const exchange = exchangeOf({ family: 6 });
    exchange.start(0);
    exchange.receive(connectAnswer(1), 0);
    const peer = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80];
    expect(exchange.receive(announceAnswer(2, peer), 0)).toMatchObject({
      response: { peers: [{ ip: '2001:db8::1', port: 80 }] },
    });
  });

  it('scrapes', () => {
    const infoHashes = [new Uint8Array(20).fill(1), new Uint8Array(20).fill(2)];
    const exchange = exchangeOf({ question: { kind: 'scrape', infoHashes } });
    exchange.start(0);
    expect(sent(exchange.receive(connectAnswer(1), 0))).toEqual(
      Uint8Array.of(...CONNECTION_ID, ...words(2, 2), ...infoHashes.flatMap((hash) => [...hash])),
    );
    const answer = Uint8Array.of(...words(2, 2, 7, 8, 9));
    expect(exchange.receive(answer, 0)).toEqual({
      type: 'scraped',
      entries: [{ infoHash: infoHashes[0], seeders: 7, completed: 8, leechers: 9 }],
    });
  });

  it('uses a connection again while it is younger than a minute', () => {
    const connection = { id: CONNECTION_ID, receivedMs: 0 };
    expect(sent(exchangeOf({ connection }).start(59_999))).toHaveLength(98);
    expect(sent(exchangeOf({ connection }).start(60_000))).toHaveLength(16);
  });

  it('sends again after 15, 30, 60 … seconds and gives up after the ninth packet', () => {
    const exchange = exchangeOf();
    exchange.start(0);
    const times: number[] = [];
    let event: UdpTrackerEvent | undefined;
    while (exchange.nextTimeoutMs !== undefined) {
      times.push(exchange.nextTimeoutMs / 1000);
      event = exchange.timeout(exchange.nextTimeoutMs);
    }
    expect(times).toEqual([15, 45, 105, 225, 465, 945, 1905, 3825, 7665]);
    expect(event).toMatchObject({ type: 'failed', error: { code: 'tracker-failure' } });
  });

  it('connects anew when its connection has grown old between two tries', () => {
    const exchange = exchangeOf();
    exchange.start(0);
    exchange.receive(connectAnswer(1), 0);
    expect(sent(exchange.timeout(15_000))).toHaveLength(98);
    expect(sent(exchange.timeout(45_000))).toHaveLength(98);
    expect(sent(exchange.timeout(105_000))).toHaveLength(16);
    expect(sent(exchange.receive(connectAnswer(3), 105_000))).toHaveLength(98);
    expect(exchange.nextTimeoutMs).toBe(105_000 + 120_000);
  });

  it('does nothing when it is called too early', () => {
    const exchange = exchangeOf();
    exchange.start(0);
    expect(exchange.timeout(14_999)).toBeUndefined();
  });

  it('does not listen to other transactions, nor to anything after the end', () => {
    const exchange = exchangeOf();
    expect(exchange.receive(connectAnswer(0), 0)).toBeUndefined();
    exchange.start(0);
    expect(exchange.receive(connectAnswer(7), 0)).toBeUndefined();
    expect(exchange.receive(Uint8Array.of(0, 0, 0, 0), 0)).toBeUndefined();
    exchange.receive(connectAnswer(1), 0);
    exchange.receive(announceAnswer(2, []), 0);
    expect(exchange.receive(announceAnswer(2, []), 0)).toBeUndefined();
    expect(exchange.timeout(1e9)).toBeUndefined();
  });

  it('fails in the tracker’s words', () => {
    const exchange = exchangeOf();
    exchange.start(0);
    const reason = new TextEncoder().encode('not\u0001 registered');
    expect(exchange.receive(Uint8Array.of(...words(3, 1), ...reason), 0)).toMatchObject({
      type: 'failed',
      error: { code: 'tracker-failure', message: 'not registered' },
    });
    expect(exchange.connection).toBeUndefined();
  });

  it.each([
    ['an announce before it was asked', announceAnswer(1, [])],
    ['a connect answer of 15 bytes', connectAnswer(1).slice(0, 15)],
    ['an unknown action', Uint8Array.of(...words(9, 1))],
  ])('fails on %s', (_, answer) => {
    const exchange = exchangeOf();
    exchange.start(0);
    expect(exchange.receive(answer, 0)).toMatchObject({
      type: 'failed',
      error: { code: 'tracker-malformed' },
    });
  });

  it('survives any datagram', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 0, max: 4 }), (bytes, action) => {
        const exchange = exchangeOf();
        exchange.start(0);
        exchange.receive(connectAnswer(1), 0);
        const event = exchange.receive(Uint8Array.of(...words(action, 2), ...bytes), 0);
        expect(['announced', 'failed']).toContain(event?.type);
      }),
    );
  });
});

describe('UDP tracker packets', () => {
  it('carry path and query of the URL in options of up to 255 bytes', () => {
    const packet = encodeUdpAnnounce(CONNECTION_ID, 1, REQUEST, `/${'x'.repeat(299)}`);
    expect([packet[98], packet[99], packet[355], packet[356], packet.at(-1)]).toEqual([2, 255, 2, 45, 0]);
    expect(packet).toHaveLength(98 + 2 + 255 + 2 + 45 + 1);
  });

  it('hold no more than 74 torrents', () => {
    const infoHashes = Array.from({ length: 75 }, () => new Uint8Array(20));
    expect(() => encodeUdpScrape(CONNECTION_ID, 1, infoHashes)).toThrow(RangeError);
    const answer = Uint8Array.of(...words(2, 1), ...new Uint8Array(12 * 75));
    expect(() => decodeUdpPacket(answer, 4)).toThrow(WireError);
  });

  it('of half a peer are malformed', () => {
    expect(() => decodeUdpPacket(announceAnswer(1, [1, 2, 3]), 4)).toThrow(WireError);
  });
});

/** Transaction ids count from 1. */
function exchangeOf(options: Partial<UdpTrackerExchangeOptions> = {}): UdpTrackerExchange {
  let transactionId = 0;
  return new UdpTrackerExchange({
    question: { kind: 'announce', request: REQUEST },
    family: 4,
    nextTransactionId: () => (transactionId += 1),
    ...options,
  });
}

function sent(event: UdpTrackerEvent | undefined): Uint8Array {
  if (event?.type !== 'send') throw new Error(`nothing to send: ${event?.type}`);
  return event.bytes;
}

function connectAnswer(transactionId: number): Uint8Array {
  return Uint8Array.of(...words(0, transactionId), ...CONNECTION_ID);
}

function announceAnswer(transactionId: number, peers: readonly number[]): Uint8Array {
  return Uint8Array.of(...words(1, transactionId, 1800, 4, 5), ...peers);
}

function words(...values: readonly number[]): readonly number[] {
  return values.flatMap((value) => uint32(value));
}

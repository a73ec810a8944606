import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBencode } from '../src/bencode/encode.ts';
import type { BencodeRecord } from '../src/bencode/encode.ts';
import type { AnnounceRequest, AnnounceResponse } from '../src/tracker/announce.ts';
import { TRACKER_PEERS_MAX, TrackerFailure } from '../src/tracker/announce.ts';
import { announceUrl, scrapeUrl } from '../src/tracker/http-request.ts';
import { parseAnnounceResponse, parseScrapeResponse } from '../src/tracker/http-response.ts';
import { WireError } from '../src/wire-error.ts';

const REQUEST: AnnounceRequest = {
  infoHash: Uint8Array.from({ length: 20 }, (_, index) => index * 13),
  peerId: new Uint8Array(20).fill(0x2d),
  port: 6881,
  uploaded: 1,
  downloaded: 2,
  left: 2 ** 40,
  key: 0xbeef,
  numWant: 80,
};

describe('an announce URL', () => {
  it('says everything, bytes percent-encoded', () => {
    expect(announceUrl('http://t/announce', { ...REQUEST, event: 'started' })).toBe(
      'http://t/announce?info_hash=%00%0D%1A%274AN%5Bhu%82%8F%9C%A9%B6%C3%D0%DD%EA%F7' +
        '&peer_id=--------------------&port=6881&uploaded=1&downloaded=2&left=1099511627776' +
        '&event=started&key=0000BEEF&numwant=80&compact=1&no_peer_id=1',
    );
  });

  it('keeps the tracker’s own query and drops a fragment', () => {
    expect(announceUrl('http://t/a?passkey=x#top', REQUEST)).toMatch(/^http:\/\/t\/a\?passkey=x&info_hash=/);
    expect(announceUrl('http://t/a?', REQUEST)).toMatch(/^http:\/\/t\/a\?info_hash=/);
  });

  it('returns the tracker id, and names the other address', () => {
    const url = announceUrl('http://t/a', {
      ...REQUEST,
      trackerId: Uint8Array.of(0xff, 0x61),
      ipv6: '2001:db8::1',
    });
    expect(url).toMatch(/&trackerid=%FFa&ipv6=2001%3Adb8%3A%3A1$/);
  });

  it('carries any hash bit by bit', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (infoHash) => {
        const encoded =
          /info_hash=([^&]*)/.exec(announceUrl('http://t/a', { ...REQUEST, infoHash }))?.[1] ?? '';
        const bytes = encoded.replaceAll(/%(..)/g, (_, hex: string) =>
          String.fromCharCode(Number.parseInt(hex, 16)),
        );
        expect(Uint8Array.from(bytes, (character) => character.charCodeAt(0))).toEqual(infoHash);
      }),
    );
  });
});

describe('a scrape URL', () => {
  it.each([
    ['http://t/announce', 'http://t/scrape?info_hash=%01'],
    ['http://t/x/announce.php?k=1', 'http://t/x/scrape.php?k=1&info_hash=%01'],
    ['http://t/announce?k=a/b', 'http://t/scrape?k=a/b&info_hash=%01'],
  ])('of %s is %s', (base, url) => {
    expect(scrapeUrl(base, [Uint8Array.of(1)])).toBe(url);
  });

  it.each(['http://t/a', 'http://t/announce/x', 'http://t/x%2Fannounce'])('of %s does not exist', (base) => {
    expect(scrapeUrl(base, [])).toBeUndefined();
  });
});

describe('an announce answer', () => {
  it('is read with all that it says', () => {
    expect(
      parse({
        interval: 900,
        'min interval': 60,
        complete: 3,
        incomplete: 4,
        'tracker id': Uint8Array.of(1, 255),
        'warning message': 'slow\u0007 down',
        'external ip': Uint8Array.of(9, 8, 7, 6),
        peers: Uint8Array.of(1, 2, 3, 4, 0x1a, 0xe1, 5, 6, 7, 8, 0, 0),
        peers6: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80),
      }),
    ).toEqual({
      intervalSeconds: 900,
      minIntervalSeconds: 60,
      seeders: 3,
      leechers: 4,
      trackerId: Uint8Array.of(1, 255),
      warning: 'slow down',
      externalIp: '9.8.7.6',
      peers: [
        { ip: '1.2.3.4', port: 6881 },
        { ip: '2001:db8::1', port: 80 },
      ],
    });
  });

  it('may list its peers one by one, of which host names are left out', () => {
    const peers = [
      { 'peer id': new Uint8Array(20), ip: '1.2.3.4', port: 5 },
      { ip: '2001:DB8::1', port: 6 },
      { ip: 'peer.example', port: 7 },
      { ip: '1.2.3.4', port: 0 },
      7,
    ];
    expect(parse({ interval: 1, peers }).peers).toEqual([
      { ip: '1.2.3.4', port: 5 },
      { ip: '2001:db8::1', port: 6 },
    ]);
  });

  it('needs no fields, and none of them is believed blindly', () => {
    expect(parse({})).toEqual({ intervalSeconds: 1800, peers: [] });
    expect(parse({ interval: 0 }).intervalSeconds).toBe(1);
    expect(parse({ interval: -5 }).intervalSeconds).toBe(1800);
    expect(parse({ interval: 2 ** 50 }).intervalSeconds).toBe(7 * 24 * 3600);
    expect(
      parse({ 'external ip': new Uint8Array(3), 'tracker id': new Uint8Array(600), peers: 'abc' }),
    ).toEqual({
      intervalSeconds: 1800,
      peers: [],
    });
  });

  it('brings a bounded number of peers', () => {
    expect(parse({ peers: new Uint8Array(6 * 5000).fill(1) }).peers).toHaveLength(TRACKER_PEERS_MAX);
  });

  it.each<[BencodeRecord, string, number | undefined]>([
    [{ 'failure reason': 'no\u0000t here' }, 'not here', undefined],
    [{ 'failure reason': 'later', 'retry in': 5 }, 'later', 300],
    [{ 'failure reason': 'gone', 'retry in': 'never' }, 'gone', Infinity],
    [{ 'failure reason': '' }, 'the tracker gives no reason', undefined],
  ])('%j is a failure', (answer, message, retryInSeconds) => {
    const failure = errorOf(() => parse(answer));
    expect(failure).toBeInstanceOf(TrackerFailure);
    expect(failure).toMatchObject({ code: 'tracker-failure', message });
    expect((failure as TrackerFailure).retryInSeconds).toBe(retryInSeconds);
  });

  it('keeps a failure short', () => {
    expect(errorOf(() => parse({ 'failure reason': 'x'.repeat(100_000) }))).toMatchObject({
      message: 'x'.repeat(256),
    });
  });

  it('that is a web page is malformed', () => {
    const page = new TextEncoder().encode('<html>');
    expect(errorOf(() => parseAnnounceResponse(page))).toMatchObject({ code: 'tracker-malformed' });
  });

  it('mutated in any way is an answer or our error', () => {
    const original = encodeBencode({
      interval: 9,
      complete: 1,
      peers: new Uint8Array(12).fill(3),
      files: {},
    });
    fc.assert(
      fc.property(
        fc.nat(original.length - 1),
        fc.integer({ min: 0, max: 255 }),
        fc.nat(80),
        (at, value, end) => {
          const bytes = original.slice(0, original.length - (end < 40 ? end : 0));
          bytes[at] = value;
          for (const parser of [parseAnnounceResponse, parseScrapeResponse]) expectSound(() => parser(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a scrape answer', () => {
  it('counts each torrent, whatever bytes its hash has', () => {
    const infoHash = Uint8Array.from({ length: 20 }, (_, index) => 255 - index);
    const files = new Map([
      [String.fromCharCode(...infoHash), { complete: 1, downloaded: 2, incomplete: 3 }],
      ['short', { complete: 1, downloaded: 2, incomplete: 3 }],
    ]);
    expect(parseScrapeResponse(encodeBencode({ files }))).toEqual([
      { infoHash, seeders: 1, completed: 2, leechers: 3 },
    ]);
  });

  it('without files is malformed', () => {
    expect(errorOf(() => parseScrapeResponse(encodeBencode({})))).toMatchObject({
      code: 'tracker-malformed',
    });
  });
});

function parse(answer: BencodeRecord): AnnounceResponse {
  return parseAnnounceResponse(encodeBencode(answer));
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

function expectSound(act: () => unknown): void {
  const error = errorOf(act);
  expect(error === undefined || error instanceof WireError).toBe(true);
}

import { describe, expect, onTestFinished, test } from 'vitest';

import { TRACKERS_MAX } from '../../src/discovery/trackers.ts';
import {
  announceAnswer,
  endWith,
  type Respond,
  startHttpServer,
  type TestHttpServer,
} from '../support/http-server.ts';
import { TrackedTorrent, type TrackedTorrentOptions } from '../support/tracked-torrent.ts';

const answering: Respond = (_seen, response) => endWith(response, announceAnswer());
const failing: Respond = (_seen, response) => endWith(response, 'd14:failure reason4:nopee');

async function serve(respond: Respond): Promise<TestHttpServer> {
  const server = await startHttpServer(respond);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function torrent(options: TrackedTorrentOptions): TrackedTorrent {
  const made = new TrackedTorrent(options);
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

function events(server: TestHttpServer): (string | undefined)[] {
  return server.seen.map(({ query }) => query.get('event'));
}

function announceUrl({ origin }: TestHttpServer): string {
  return `${origin}/announce`;
}

function statuses({ trackers }: TrackedTorrent): string[] {
  return trackers.snapshot().map(({ status }) => status);
}

/** The longest draw lengthens every interval by 5 %. */
const halfHour = 1_800_000 * 1.05;

describe('an announce', () => {
  test('says who, what and how much, in compact form', async () => {
    const server = await serve(answering);
    const made = torrent({ tiers: [[`${server.origin}/announce?pass=key`]] });
    made.trackers.start();
    await started(made);
    const [seen] = server.seen;
    expect(seen?.path).toBe('/announce');
    expect(Object.fromEntries(seen?.query ?? [])).toMatchObject({
      pass: 'key',
      info_hash: '%AB'.repeat(20),
      peer_id: 'a'.repeat(20),
      port: '6881',
      uploaded: '1',
      downloaded: '2',
      left: '3',
      event: 'started',
      numwant: '200',
      compact: '1',
    });
    expect(made.sink.peers).toEqual([{ ip: '10.0.0.1', port: 6881 }]);
  });

  test('is repeated after the interval and not before, without an event, with the same key and the tracker id', async () => {
    const server = await serve((_seen, response) => endWith(response, announceAnswer('10:tracker id3:xyz')));
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(1);
    made.clock.advance(halfHour - 1);
    expect(statuses(made)).toEqual(['working']);
    made.clock.advance(1);
    await made.sink.reported(2);
    const [first, second] = server.seen.map(({ query }) => query);
    expect(events(server)).toEqual(['started', undefined]);
    expect(second?.get('trackerid')).toBe('xyz');
    expect(second?.get('key')).toBe(first?.get('key'));
  });

  test.each([
    [1, 60],
    [10_000_000, 7200],
  ])('asked for every %i seconds is made every %i seconds', async (asked, made) => {
    const server = await serve((_seen, response) => endWith(response, announceAnswer('', asked)));
    const one = torrent({ tiers: [[server.origin]], draw: 0 });
    one.trackers.start();
    await started(one);
    expect(one.trackers.snapshot()[0]?.nextAnnounceMs).toBe(made * 1000);
  });

  test('that somebody wants now waits for the min interval', async () => {
    const server = await serve((_seen, response) =>
      endWith(response, announceAnswer('12:min intervali600e')),
    );
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    await started(made);
    made.trackers.announceNow();
    made.clock.advance(599_999);
    expect(statuses(made)).toEqual(['working']);
    made.clock.advance(1);
    await made.sink.reported(2);
    expect(events(server)).toEqual(['started', undefined]);
  });

  test('is never sooner than the min interval, even if the interval is', async () => {
    const server = await serve((_seen, response) =>
      endWith(response, 'd8:intervali60e12:min intervali900e5:peers0:e'),
    );
    const made = torrent({ tiers: [[server.origin]], draw: 0 });
    made.trackers.start();
    await started(made);
    expect(made.trackers.snapshot()[0]?.nextAnnounceMs).toBe(900_000);
  });

  test('is made over IPv4 and over IPv6 where a host has both', async () => {
    const four = await serve(answering);
    const six = await startHttpServer(answering, '::1', four.port);
    onTestFinished(() => six[Symbol.asyncDispose]());
    const lookup = async () => [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    const made = torrent({ tiers: [[`http://both.example:${four.port}`]], lookup });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.until(() => made.sink.peers.length === 2);
    expect([events(four), events(six)]).toEqual([['started'], ['started']]);
    expect(made.sink.answers).toHaveLength(1);
  });

  test('reports counts of the swarm, and a warning for people', async () => {
    const server = await serve((_seen, response) =>
      endWith(response, 'd8:completei7e10:incompletei3e8:intervali1800e5:peers0:15:warning message4:hmmme'),
    );
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    await started(made);
    expect(made.trackers.snapshot()).toMatchObject([
      { status: 'working', seeders: 7, leechers: 3, peersFound: 0, heardMsAgo: 0 },
    ]);
    expect(made.sink.answers).toMatchObject([{ event: 'started', peers: 0, warning: 'hmmm' }]);
    expect(made.sink.peers).toEqual([]);
  });
});

describe('events', () => {
  test('started, completed and stopped are told once each', async () => {
    const server = await serve(answering);
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.trackers.start();
    await started(made);
    made.counts = { uploaded: 9, downloaded: 9, left: 0 };
    made.trackers.completed();
    made.trackers.completed();
    made.clock.advance(0);
    await made.sink.reported(2);
    made.clock.advance(halfHour);
    await made.sink.reported(3);
    made.trackers.completed();
    await Promise.all([made.trackers.stop(), made.trackers.stop()]);
    expect(events(server)).toEqual(['started', 'completed', undefined, 'stopped']);
    expect(server.seen.at(-1)?.query.get('numwant')).toBe('0');
    expect(made.clock.pending).toBe(0);
  });

  test('completed is told after started when the download ends while that is under way', async () => {
    let release = (): void => undefined;
    const server = await serve((seen, response) => {
      release = () => endWith(response, announceAnswer());
      if (seen.query.get('event') !== 'started') release();
      else asked();
    });
    let asked = (): void => undefined;
    const askedOnce = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await askedOnce;
    made.counts = { ...made.counts, left: 0 };
    made.trackers.completed();
    release();
    await made.sink.reported(1);
    made.clock.advance(0);
    await made.sink.reported(2);
    expect(events(server)).toEqual(['started', 'completed']);
  });

  test('completed is not told to a tracker that knew us as a seed from the start', async () => {
    const server = await serve(answering);
    const made = torrent({ tiers: [[server.origin]] });
    made.counts = { ...made.counts, left: 0 };
    made.trackers.start();
    await started(made);
    made.trackers.completed();
    made.clock.advance(0);
    expect(statuses(made)).toEqual(['working']);
  });

  test('started is told again until the tracker answers', async () => {
    let requests = 0;
    const server = await serve((seen, response) => (requests++ < 2 ? failing : answering)(seen, response));
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(0, 1);
    made.clock.advance(15_000);
    await made.sink.reported(0, 2);
    made.clock.advance(30_000);
    await made.sink.reported(1, 2);
    expect(events(server)).toEqual(['started', 'started', 'started']);
  });

  test('stopped is told only to trackers that heard started', async () => {
    const [good, bad] = [await serve(answering), await serve(failing)];
    const made = torrent({ tiers: [[good.origin], [bad.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(1, 1);
    await made.trackers.stop();
    expect(events(good)).toEqual(['started', 'stopped']);
    expect(events(bad)).toEqual(['started']);
  });

  test('an administrator may name others: the old hear stopped, then the new started; one that stays hears both', async () => {
    const [old, stays, next] = [await serve(answering), await serve(answering), await serve(answering)];
    const made = torrent({ tiers: [], trustedTiers: [[announceUrl(old)], [announceUrl(stays)]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(2);
    await made.trackers.setTrusted([[announceUrl(stays)], [announceUrl(next)]]);
    made.clock.advance(0);
    await made.sink.reported(4);
    expect(events(old)).toEqual(['started', 'stopped']);
    expect(events(stays)).toEqual(['started', 'stopped', 'started']);
    expect(events(next)).toEqual(['started']);
  });

  test('others that are named while it is stopped are asked when it starts', async () => {
    const [old, next] = [await serve(answering), await serve(answering)];
    const made = torrent({ tiers: [], trustedTiers: [[announceUrl(old)]] });
    await made.trackers.setTrusted([[announceUrl(next)]]);
    made.trackers.start();
    await started(made);
    expect(events(old)).toEqual([]);
    expect(events(next)).toEqual(['started']);
  });

  test('stopped is waited for three seconds at most', async () => {
    const server = await serve((seen, response) => {
      if (seen.query.get('event') === 'started') endWith(response, announceAnswer());
    });
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    await started(made);
    let stopped = false;
    const stop = async (): Promise<void> => {
      await made.trackers.stop();
      stopped = true;
    };
    const stopping = stop();
    made.clock.advance(2_999);
    await turn();
    expect(stopped).toBe(false);
    made.clock.advance(1);
    await stopping;
    await turn();
    expect(made.clock.pending).toBe(0);
  });

  test('start over when the torrent starts again', async () => {
    const server = await serve(answering);
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    await started(made);
    await made.trackers.stop();
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(2);
    expect(events(server)).toEqual(['started', 'stopped', 'started']);
  });

  test('nothing is reported after a stop, whatever was under way', async () => {
    const server = await serve(() => undefined);
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    const stopping = made.trackers.stop();
    await turn();
    made.clock.advance(3_000);
    await stopping;
    await turn();
    expect([made.sink.answers, made.sink.failures]).toEqual([[], []]);
  });
});

describe('tiers', () => {
  test('are all announced to, and in each the first tracker that answers', async () => {
    const [a, b, c] = [await serve(answering), await serve(answering), await serve(answering)];
    const made = torrent({ tiers: [[a.origin, b.origin], [c.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(2);
    expect([a, b, c].map((server) => server.seen.length)).toEqual([1, 0, 1]);
    expect(statuses(made)).toEqual(['working', 'idle', 'working']);
    expect(made.trackers.snapshot().map(({ tier }) => tier)).toEqual([0, 0, 1]);
  });

  test('move the tracker that answers to the front and stay with it', async () => {
    const [bad, good] = [await serve(failing), await serve(answering)];
    const made = torrent({ tiers: [[bad.origin, good.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(1, 1);
    expect(made.trackers.snapshot().map(({ url }) => url)).toEqual([good.origin, bad.origin]);
    made.clock.advance(halfHour);
    await made.sink.reported(2, 1);
    expect([bad.seen.length, good.seen.length]).toEqual([1, 2]);
  });

  test('turn to the next tracker at once when the working one fails, and tell it started', async () => {
    let up = true;
    const first = await serve((seen, response) => (up ? answering : failing)(seen, response));
    const second = await serve(answering);
    const made = torrent({ tiers: [[first.origin, second.origin]] });
    made.trackers.start();
    await started(made);
    up = false;
    made.clock.advance(halfHour);
    await made.sink.reported(1, 1);
    made.clock.advance(0);
    await made.sink.reported(2, 1);
    expect(events(first)).toEqual(['started', undefined]);
    expect(events(second)).toEqual(['started']);
    await made.trackers.stop();
    expect([events(first).at(-1), events(second).at(-1)]).toEqual(['stopped', 'stopped']);
  });

  test('are shuffled once, each within itself', async () => {
    const urls = ['a', 'b', 'c'].map((name) => `http://${name}.example/announce`);
    const made = torrent({ tiers: [urls, ['http://d.example/announce']], draw: 0 });
    const order = made.trackers.snapshot().map(({ url }) => url.charAt(7));
    expect(order).toEqual(['b', 'c', 'a', 'd']);
    expect(made.trackers.snapshot().map(({ url }) => url.charAt(7))).toEqual(order);
  });

  test('name each URL once and are cut to a bounded number', () => {
    const urls = Array.from({ length: 500 }, (_, index) => `http://${index % 300}.example/`);
    expect(torrent({ tiers: [urls, urls] }).trackers.snapshot()).toHaveLength(TRACKERS_MAX);
  });
});

describe('a tracker that fails', () => {
  test('is asked again after pauses that double up to half an hour, half of each by chance', async () => {
    const server = await serve(failing);
    const made = torrent({ tiers: [[server.origin]], draw: 0 });
    made.trackers.start();
    made.clock.advance(0);
    const pauses: number[] = [];
    for (let count = 1; count <= 10; count++) {
      await made.sink.reported(0, count);
      const pauseMs = made.trackers.snapshot()[0]?.nextAnnounceMs ?? 0;
      pauses.push(pauseMs / 1000);
      made.clock.advance(pauseMs);
    }
    expect(pauses).toEqual([7.5, 15, 30, 60, 120, 240, 480, 900, 900, 900]);
  });

  test('says why, and may say when to come back', async () => {
    const server = await serve((_seen, response) =>
      endWith(response, 'd14:failure reason4:nope8:retry ini20ee'),
    );
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toEqual([{ url: server.origin, code: 'tracker-refused', message: 'nope' }]);
    made.trackers.announceNow();
    expect(made.trackers.snapshot()).toMatchObject([{ status: 'failing', nextAnnounceMs: 20 * 60_000 }]);
  });

  test('may say never', async () => {
    const server = await serve((_seen, response) =>
      endWith(response, 'd14:failure reason4:nope8:retry in5:nevere'),
    );
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(0, 1);
    made.trackers.announceNow();
    expect(made.trackers.snapshot()[0]?.nextAnnounceMs).toBeUndefined();
    expect(made.clock.pending).toBe(0);
  });

  test.each([
    ['tracker-http-status', (_seen, response) => response.writeHead(404).end('<html>')],
    ['tracker-malformed', (_seen, response) => response.end('<html>')],
    ['tracker-refused', (_seen, response) => endWith(response.writeHead(403), 'd14:failure reason2:noe')],
    [
      'host-refused',
      (_seen, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    ],
    ['unreachable', (_seen, response) => response.destroy()],
  ] satisfies [string, Respond][])('by %s is reported so', async (code, respond) => {
    const server = await serve(respond);
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toMatchObject([{ code }]);
    expect(made.trackers.snapshot()).toMatchObject([{ status: 'failing', error: { code } }]);
  });

  test('by silence is given up after half a minute', async () => {
    let asked = (): void => undefined;
    const askedOnce = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const server = await serve(() => asked());
    const made = torrent({ tiers: [[server.origin]] });
    made.trackers.start();
    made.clock.advance(0);
    await askedOnce;
    expect(statuses(made)).toEqual(['announcing']);
    made.clock.advance(30_000);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toMatchObject([{ code: 'timeout' }]);
  });

  test.each([
    ['wss://tracker.example/', 'tracker-scheme-unsupported'],
    ['tracker.example', 'tracker-scheme-unsupported'],
    ['file:///etc/passwd', 'tracker-scheme-unsupported'],
    ['udp://tracker.example', 'tracker-url-invalid'],
    ['http://', 'url-invalid'],
  ])('for its URL (%s) says %s', async (url, code) => {
    const made = torrent({ tiers: [[url]] });
    made.trackers.start();
    made.clock.advance(0);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toMatchObject([{ url, code }]);
  });
});

describe('a tracker on this machine', () => {
  test('is refused to a torrent and allowed to an administrator', async () => {
    const server = await serve(answering);
    const strange = torrent({ tiers: [[server.origin], ['udp://127.0.0.1:1']], allowLoopback: false });
    strange.trackers.start();
    strange.clock.advance(0);
    await strange.sink.reported(0, 2);
    expect(strange.sink.failures.map(({ code }) => code)).toEqual(['host-refused', 'host-refused']);
    const named = torrent({
      tiers: [[server.origin]],
      trustedTiers: [[server.origin]],
      allowLoopback: false,
    });
    named.trackers.start();
    await started(named);
    expect(server.seen).toHaveLength(1);
  });
});

async function started(made: TrackedTorrent): Promise<void> {
  made.clock.advance(0);
  await made.sink.reported(1);
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

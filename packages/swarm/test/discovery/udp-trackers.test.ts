import { createSocket } from 'node:dgram';

import { describe, expect, onTestFinished, test } from 'vitest';

import { UDP_EXCHANGES_MAX } from '../../src/discovery/udp-tracker-client.ts';
import { TrackedTorrent } from '../support/tracked-torrent.ts';
import {
  connectAnswer,
  errorAnswer,
  type SeenDatagram,
  startUdpServer,
  type TestUdpServer,
  udpAnnounceAnswer,
} from '../support/udp-tracker-server.ts';

type Respond = (seen: SeenDatagram, server: TestUdpServer) => readonly Uint8Array[];

const id = 0x1122334455667788n;
const peer = [10, 0, 0, 1, 0x1a, 0xe1];

const answering: Respond = ({ action, transactionId }) => [
  action === 'connect' ? connectAnswer(transactionId, id) : udpAnnounceAnswer(transactionId, peer),
];

async function serve(respond: Respond, host?: string): Promise<TestUdpServer> {
  const server = await startUdpServer(respond, host);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

function torrent(...urls: string[]): TrackedTorrent {
  const made = new TrackedTorrent({ tiers: urls.map((url) => [url]) });
  onTestFinished(() => made[Symbol.asyncDispose]());
  return made;
}

function start(made: TrackedTorrent): void {
  made.trackers.start();
  made.clock.advance(0);
}

function actions(server: TestUdpServer): string[] {
  return server.seen.map(({ action }) => action);
}

describe('an announce over UDP', () => {
  test('connects, announces, and gives peers and counts', async () => {
    const server = await serve(answering);
    const made = torrent(`udp://127.0.0.1:${server.port}/announce`);
    start(made);
    await made.sink.reported(1);
    expect(actions(server)).toEqual(['connect', 'announce']);
    const [connect, announce] = server.seen;
    expect(connect?.connectionId).toBe(0x41727101980n);
    expect(announce?.connectionId).toBe(id);
    expect(announce?.bytes).toHaveLength(98);
    expect(announce?.bytes.readUInt32BE(80)).toBe(2);
    expect(announce?.bytes.readInt32BE(92)).toBe(200);
    expect(made.sink.peers).toEqual([{ ip: '10.0.0.1', port: 6881 }]);
    expect(made.trackers.snapshot()).toMatchObject([{ status: 'working', seeders: 7, leechers: 3 }]);
  });

  test('tells the path and query of a URL that has something to tell', async () => {
    const server = await serve(answering);
    const made = torrent(`udp://127.0.0.1:${server.port}/a?pass=1`);
    start(made);
    await made.sink.reported(1);
    expect(server.seen[1]?.bytes.subarray(98).toString('latin1')).toContain('/a?pass=1');
  });

  test('uses a connection id for a minute and then asks for a new one', async () => {
    const server = await serve(answering);
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await made.sink.reported(1);
    made.clock.advance(59_000);
    made.counts = { ...made.counts, left: 0 };
    made.trackers.completed();
    made.clock.advance(0);
    await made.sink.reported(2);
    made.clock.advance(2_000);
    await made.trackers.stop();
    expect(actions(server)).toEqual(['connect', 'announce', 'announce', 'connect', 'announce']);
    expect(server.seen.map(({ bytes }) => bytes.length > 80 && bytes.readUInt32BE(80))).toEqual([
      false,
      2,
      1,
      false,
      3,
    ]);
  });

  test('is made over IPv4 and over IPv6 where a host has both, with one key', async () => {
    const four = await serve(answering);
    const six = await bindSame(four.port);
    const made = new TrackedTorrent({ tiers: [[`udp://both.example:${four.port}`]], lookup: bothLoopbacks });
    onTestFinished(() => made[Symbol.asyncDispose]());
    start(made);
    await Promise.all([four.saw(2), six.saw(2), made.sink.until(() => made.sink.peers.length === 2)]);
    const [key4, key6] = [four, six].map((server) => server.seen[1]?.bytes.readUInt32BE(88));
    expect(key4).toBe(key6);
    expect(made.sink.answers).toHaveLength(1);
    expect(made.sink.peers).toContainEqual({ ip: '2001:db8::1', port: 6881 });
  });

  test('reaches a tracker that is an IPv6 address', async () => {
    const server = await serve(answeringSix, '::1');
    const made = torrent(`udp://[::1]:${server.port}/announce`);
    start(made);
    await made.sink.reported(1);
    expect(made.sink.peers).toEqual([{ ip: '2001:db8::1', port: 6881 }]);
  });
});

describe('a packet that gets lost', () => {
  test('is sent again after 15, 30 and 60 seconds, and then the tracker has failed', async () => {
    const server = await serve(() => []);
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await server.saw(1);
    made.clock.advance(14_999);
    expect(made.clock.pending).toBe(1);
    made.clock.advance(1);
    await server.saw(2);
    made.clock.advance(30_000);
    await server.saw(3);
    made.clock.advance(59_999);
    expect(made.trackers.snapshot()).toMatchObject([{ status: 'announcing' }]);
    made.clock.advance(1);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toMatchObject([{ code: 'tracker-timeout' }]);
    expect(server.seen).toHaveLength(3);
    expect(new Set(server.seen.map(({ transactionId }) => transactionId)).size).toBe(1);
  });

  test('does not make an event be told twice', async () => {
    let dropped = false;
    const server = await serve((seen, self) => {
      if (seen.action === 'announce' && !dropped) {
        dropped = true;
        return [];
      }
      return answering(seen, self);
    });
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await server.saw(2);
    made.clock.advance(15_000);
    await made.sink.reported(1);
    expect(actions(server)).toEqual(['connect', 'announce', 'announce']);
    expect(server.seen[1]?.bytes).toEqual(server.seen[2]?.bytes);
  });
});

describe('a packet that is not the answer', () => {
  test('is ignored when its transaction is not ours', async () => {
    const server = await serve((seen, self) => [
      errorAnswer((seen.transactionId ^ 1) >>> 0, 'forged'),
      connectAnswer((seen.transactionId ^ 2) >>> 0, 1n),
      Uint8Array.of(0, 0, 0),
      ...answering(seen, self),
    ]);
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await made.sink.reported(1);
    expect(server.seen[1]?.connectionId).toBe(id);
    expect(made.sink.failures).toEqual([]);
  });

  test('is ignored when it comes from elsewhere', async () => {
    const stranger = createSocket('udp4');
    onTestFinished(() => void stranger.close());
    const server = await serve((seen, self) => {
      const forged = errorAnswer(seen.transactionId, 'forged');
      // Loopback delivers in the order of sending: the forgery is there before the answer.
      stranger.send(forged, seen.from.port, seen.from.address, () => {
        for (const answer of answering(seen, self)) self.send(answer, seen.from);
      });
      return [];
    });
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await made.sink.reported(1);
    expect(made.sink.failures).toEqual([]);
  });

  test('is the end of the announce when it is ours but makes no sense', async () => {
    const server = await serve(({ transactionId }) => [udpAnnounceAnswer(transactionId, [1])]);
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toMatchObject([{ code: 'tracker-malformed' }]);
  });
});

describe('a refusal', () => {
  test('is reported in the words of the tracker', async () => {
    const server = await serve((seen, self) =>
      seen.action === 'connect' ? answering(seen, self) : [errorAnswer(seen.transactionId, 'not registered')],
    );
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await made.sink.reported(0, 1);
    expect(made.sink.failures).toMatchObject([{ code: 'tracker-refused', message: 'not registered' }]);
  });

  test('of a connection id that a restarted tracker no longer knows leads to a new one at once', async () => {
    let valid = id;
    const server = await serve(({ action, transactionId, connectionId }) => {
      if (action === 'connect') return [connectAnswer(transactionId, valid)];
      return [
        connectionId === valid ? udpAnnounceAnswer(transactionId) : errorAnswer(transactionId, 'unknown id'),
      ];
    });
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await made.sink.reported(1);
    valid = 42n;
    made.counts = { ...made.counts, left: 0 };
    made.trackers.completed();
    made.clock.advance(0);
    await made.sink.reported(2);
    expect(made.sink.failures).toEqual([]);
    expect(actions(server)).toEqual(['connect', 'announce', 'announce', 'connect', 'announce']);
  });
});

describe('the shared socket', () => {
  test('serves all torrents, and keeps their answers apart', async () => {
    const server = await serve(answering);
    const url = `udp://127.0.0.1:${server.port}`;
    const made = torrent(url, `${url}/announce`, `${url}/`);
    start(made);
    await made.sink.reported(3);
    expect(new Set(server.seen.map(({ from }) => from.port)).size).toBe(1);
    expect(new Set(server.seen.map(({ transactionId }) => transactionId)).size).toBe(server.seen.length);
  });

  test('keeps a bounded number of announces under way', async () => {
    const server = await serve(() => []);
    const made = torrent();
    const request = {
      infoHash: new Uint8Array(20),
      peerId: new Uint8Array(20),
      port: 1,
      uploaded: 0,
      downloaded: 0,
      left: 0,
      key: 1,
      numWant: 0,
    };
    const never = new Promise<void>(() => undefined);
    const at = { ip: '127.0.0.1', port: server.port };
    const announce = () => made.udp.announce(at, request, '', never);
    const first = Array.from({ length: UDP_EXCHANGES_MAX }, announce);
    await server.saw(1);
    expect(await announce()).toMatchObject({ type: 'failed', trouble: { code: 'tracker-busy' } });
    await made.udp.close();
    const outcomes = await Promise.all(first);
    expect(outcomes.every((one) => one.type === 'failed' && one.trouble.code === 'tracker-cancelled')).toBe(
      true,
    );
    expect(made.clock.pending).toBe(0);
    expect(await announce()).toMatchObject({ type: 'failed', trouble: { code: 'tracker-cancelled' } });
  });

  test('forgets an announce that a stopping torrent gave up', async () => {
    const server = await serve(() => []);
    const made = torrent(`udp://127.0.0.1:${server.port}`);
    start(made);
    await server.saw(1);
    const stopping = made.trackers.stop();
    await server.saw(2);
    made.clock.advance(3_000);
    await stopping;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    expect(made.clock.pending).toBe(0);
  });
});

const answeringSix: Respond = ({ action, transactionId }) => [
  action === 'connect'
    ? connectAnswer(transactionId, id)
    : udpAnnounceAnswer(transactionId, [
        0x20,
        1,
        0xd,
        0xb8,
        ...Array.from({ length: 11 }, () => 0),
        1,
        0x1a,
        0xe1,
      ]),
];

async function bothLoopbacks() {
  return [
    { address: '::1', family: 6 },
    { address: '127.0.0.1', family: 4 },
  ];
}

/** A second tracker, on the same port of the IPv6 loopback address. */
async function bindSame(port: number): Promise<TestUdpServer> {
  const server = await startUdpServer(answeringSix, '::1', port);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server;
}

import { createHash } from 'node:crypto';

import {
  PeerProtocol,
  UdpTrackerExchange,
  clientName,
  decodeBencode,
  decodeBencodePrefix,
  decodeCompact4,
  decodeCompact6,
  decodeLsdAnnounce,
  decodeSiteMessage,
  encodeBencode,
  encodeCompact,
  encodeInfo,
  encodeLsdAnnounce,
  encodeMetainfo,
  encodeSiteMessage,
  formatMagnet,
  makePeerId,
  normalizeIp,
  parseAnnounceResponse,
  parseInfo,
  parseMagnet,
  parseMetainfo,
  parseScrapeResponse,
} from '@brine/wire';
import type { AnnounceRequest, UdpTrackerQuestion } from '@brine/wire';

/** A reader of bytes from outside, and how to try it. A new codec is one more entry in `MUTATED_CODECS`. */
export interface MutatedCodec {
  readonly name: string;
  /** Valid inputs, from which the others are made. */
  readonly valid: readonly Uint8Array[];
  /**
   * Reads one input. False, or a `WireError`, means that it was refused in order; any other error is a mistake. A machine that has to
   * be brought into a state first is made anew for each input.
   */
  readonly read: (bytes: Uint8Array) => boolean;
}

const HASH = new Uint8Array(20).fill(0xab);
const PEER_ID = makePeerId(new Uint8Array(12).fill(0xcd));
const PEERS = [
  { ip: '10.1.2.3', port: 6881 },
  { ip: '192.0.2.255', port: 51_413 },
];
const PEERS6 = [
  { ip: '2001:db8::1', port: 1 },
  { ip: 'fe80::1:2:3:4', port: 65_535 },
];
const compact4 = Buffer.concat(PEERS.map((peer) => encodeCompact(peer)));
const compact6 = Buffer.concat(PEERS6.map((peer) => encodeCompact(peer)));

const singleFile = encodeInfo({
  name: 'file.bin',
  folder: false,
  pieceLength: 16_384,
  pieceHashes: new Uint8Array(40).fill(7),
  files: [{ path: ['file.bin'], length: 20_000 }],
  private: true,
});
const folder = encodeInfo({
  name: 'Ordner mit Ümlaut',
  folder: true,
  pieceLength: 16_384,
  pieceHashes: new Uint8Array(40).fill(7),
  files: [
    { path: ['a', 'b', 'one.txt'], length: 10_000, executable: true },
    { path: ['pad'], length: 6384, padding: true },
    { path: ['a', 'two 日本.txt'], length: 3000, hidden: true },
    { path: ['a', 'link'], length: 0, symlink: ['a', 'b'] },
  ],
});
const torrents = [singleFile, folder].map((infoBytes) =>
  encodeMetainfo({
    infoBytes,
    trackers: [['http://t.example/announce'], ['udp://u.example:80', 'https://v.example/']],
    webSeeds: ['https://w.example/p/'],
    comment: 'a comment',
    createdBy: 'Brine',
    creationDate: 1_700_000_000,
  }),
);
const magnets = [
  formatMagnet({
    infoHashes: { v1: HASH, v2: new Uint8Array(32).fill(1) },
    name: 'a name & more',
    trackers: ['http://t.example/announce?a=b', 'udp://u.example:80'],
    webSeeds: ['https://w.example/p/'],
    peers: [...PEERS, ...PEERS6],
    selectOnly: [
      { first: 0, last: 0 },
      { first: 6, last: 8 },
    ],
  }),
  'magnet:?xt=urn:btih:YEX6DQDLXISUVHOJ6UM3GNNKPQJWPKEK&dn=Big+Buck+Bunny&tr.1=http%3A%2F%2Ft%2F',
];
const announces = [
  encodeBencode({
    interval: 1800,
    'min interval': 60,
    complete: 5,
    incomplete: 7,
    peers: compact4,
    peers6: compact6,
  }),
  encodeBencode({
    interval: 60,
    'tracker id': 'id',
    peers: PEERS.map(({ ip, port }) => ({ ip, port, 'peer id': PEER_ID })),
  }),
  encodeBencode({ 'failure reason': 'not today', 'retry in': 5 }),
];
const scrapes = [
  encodeBencode({
    files: { [Buffer.from(HASH).toString('latin1')]: { complete: 1, downloaded: 2, incomplete: 3 } },
  }),
];

export const MUTATED_CODECS: readonly MutatedCodec[] = [
  { name: 'bencode', valid: [...torrents, ...announces], read: (bytes) => (decodeBencode(bytes), true) },
  {
    name: 'bencode prefix',
    valid: [
      Buffer.concat([encodeBencode({ msg_type: 1, piece: 0, total_size: 20_000 }), new Uint8Array(100)]),
    ],
    read: (bytes) => decodeBencodePrefix(bytes).length <= bytes.length,
  },
  { name: 'metainfo', valid: torrents, read: (bytes) => (parseMetainfo(bytes, { sha1 }), true) },
  { name: 'info', valid: [singleFile, folder], read: (bytes) => (parseInfo(bytes), true) },
  {
    name: 'magnet',
    valid: magnets.map((link) => Buffer.from(link)),
    read: (bytes) => (parseMagnet(Buffer.from(bytes).toString('latin1')), true),
  },
  { name: 'compact IPv4', valid: [compact4], read: (bytes) => (decodeCompact4(bytes), true) },
  { name: 'compact IPv6', valid: [compact6], read: (bytes) => (decodeCompact6(bytes), true) },
  {
    name: 'address text',
    valid: ['10.1.2.3', '2001:db8::1', '::ffff:1.2.3.4', '1:2:3:4:5:6:7:8'].map((text) => Buffer.from(text)),
    read: (bytes) => normalizeIp(Buffer.from(bytes).toString('latin1')) !== undefined,
  },
  {
    name: 'client name',
    valid: [PEER_ID, Buffer.from('A2-1-36-0-0123456789')],
    read: (bytes) => clientName(bytes) !== '',
  },
  { name: 'peer protocol', valid: conversations(), read: readConversation },
  { name: 'HTTP announce', valid: announces, read: (bytes) => (parseAnnounceResponse(bytes), true) },
  { name: 'HTTP scrape', valid: scrapes, read: (bytes) => (parseScrapeResponse(bytes), true) },
  { name: 'UDP tracker', valid: udpAnswers(), read: readUdpAnswer },
  {
    name: 'LSD',
    valid: [encodeLsdAnnounce({ infoHashes: [HASH, PEER_ID], port: 6881, cookie: 'c' }, 4)],
    read: (bytes) => decodeLsdAnnounce(bytes).infoHashes.length > 0,
  },
  {
    name: 'site messages',
    valid: siteMessages(),
    read: (bytes) => decodeSiteMessage(bytes) !== undefined,
  },
];

function siteMessages(): Uint8Array[] {
  const status = {
    able: true,
    fetching: true,
    hungryDown: false,
    hungryUp: true,
    downRate: 2_500_000,
    upRate: 1_000,
  };
  return [
    encodeSiteMessage({ type: 'hello', label: 'de/münchen/hq', status }),
    encodeSiteMessage({ type: 'status', status }),
    encodeSiteMessage({ type: 'claim', pieces: [0, 1, 70_000] }),
    encodeSiteMessage({ type: 'release', pieces: Array.from({ length: 256 }, (_, piece) => piece) }),
  ];
}

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

function machine(initiator: boolean): PeerProtocol {
  const geometry = { pieceLength: 32_768, pieceCount: 21, totalLength: 21 * 32_768 - 5 };
  return new PeerProtocol({ initiator, infoHash: HASH, peerId: PEER_ID, geometry });
}

/** What a remote says from the handshake on: every message, and blocks. */
function conversations(): Uint8Array[] {
  const listener = machine(true);
  listener.handshake();
  listener.extendedHandshake({ client: 'them', requestQueueMax: 250 });
  const speaker = machine(false);
  speaker.handshake();
  speaker.receive(listener.takeOutput() ?? new Uint8Array());
  speaker.bitfield(Uint8Array.of(0xff, 0xff, 0xf8));
  speaker.extendedHandshake({
    client: 'us',
    listenPort: 6881,
    requestQueueMax: 250,
    metadataSize: 20_000,
    yourIp: '10.0.0.1',
  });
  speaker.unchoke();
  speaker.interested();
  speaker.have(3);
  speaker.suggest(4);
  speaker.allowedFast(5);
  speaker.request(1, 16_384, 16_384);
  speaker.cancel(1, 16_384, 16_384);
  speaker.reject(1, 0, 16_384);
  speaker.metadataRequest(0);
  speaker.metadataData(1, 20_000, new Uint8Array(20_000 - 16_384));
  speaker.metadataReject(0);
  speaker.pex(
    [...PEERS, ...PEERS6].map(({ ip, port }) => ({ ip, port, flags: 2 })),
    PEERS,
  );
  speaker.uploadOnly(true);
  speaker.dontHave(3);
  speaker.keepAlive();
  speaker.choke();
  speaker.notInterested();
  const whole = speaker.takeOutput() ?? new Uint8Array();
  const block = Uint8Array.of(0, 0, 0, 9 + 32, 7, 0, 0, 0, 2, 0, 0, 0x40, 0, ...new Uint8Array(32));
  return [whole, Buffer.concat([whole.subarray(0, 68), block, whole.subarray(68)])];
}

/** In one chunk or in many, by the input's length, because borders between chunks are where machines go wrong. */
function readConversation(bytes: Uint8Array): boolean {
  const listener = machine(true);
  listener.handshake();
  listener.extendedHandshake({ client: 'them' });
  const chunkLength = [bytes.length, 1 + (bytes.length % 61), 1500][bytes.length % 3] ?? 1;
  for (let at = 0; at < bytes.length; at += chunkLength) {
    const events = listener.receive(bytes.slice(at, at + chunkLength));
    if (events.at(-1)?.type === 'violation') return false;
  }
  return true;
}

function udpAnswers(): Uint8Array[] {
  const head = (action: number): number[] => [0, 0, 0, action, 0, 0, 0, 7];
  const counts = [0, 0, 7, 8, 0, 0, 0, 3, 0, 0, 0, 4];
  return [
    Uint8Array.of(...head(0), 1, 2, 3, 4, 5, 6, 7, 8),
    Uint8Array.of(...head(1), ...counts, ...compact4),
    Uint8Array.of(...head(2), ...counts),
    Uint8Array.of(...head(3), ...Buffer.from('no')),
  ];
}

function readUdpAnswer(bytes: Uint8Array): boolean {
  const request: AnnounceRequest = {
    infoHash: HASH,
    peerId: PEER_ID,
    port: 6881,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    key: 1,
    numWant: 50,
  };
  const questions: readonly UdpTrackerQuestion[] = [
    { kind: 'announce', request },
    { kind: 'scrape', infoHashes: [HASH] },
  ];
  let accepted = false;
  for (const question of questions) {
    for (const connected of [false, true]) {
      const exchange = new UdpTrackerExchange({
        question,
        family: 4,
        nextTransactionId: () => 7,
        ...(connected && { connection: { id: new Uint8Array(8), receivedMs: 0 } }),
      });
      exchange.start(0);
      const event = exchange.receive(bytes, 1);
      accepted ||= event !== undefined && event.type !== 'failed';
    }
  }
  return accepted;
}

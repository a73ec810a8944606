import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerEvent } from '../src/peer/peer-event.ts';
import { PeerProtocol } from '../src/peer/peer-protocol.ts';
import {
  completeBitfieldMessage,
  PIECE_HEADER_LENGTH,
  writePieceHeader,
} from '../src/peer/message-writer.ts';
import {
  GEOMETRY,
  INFO_HASH,
  acceptorOf,
  bindAcceptor,
  connectedPair,
  diallerOf,
  frame,
  receiveInChunks,
  taken,
} from './peer-pair.ts';

const BITS = Uint8Array.of(0b10100000, 0xff, 0b11111000);

interface Exchange {
  readonly say: (machine: PeerProtocol) => void;
  readonly hears: PeerEvent;
}

const EXCHANGES: readonly Exchange[] = [
  { say: (m) => m.keepAlive(), hears: { type: 'keep-alive' } },
  { say: (m) => m.choke(), hears: { type: 'choke' } },
  { say: (m) => m.unchoke(), hears: { type: 'unchoke' } },
  { say: (m) => m.interested(), hears: { type: 'interested' } },
  { say: (m) => m.notInterested(), hears: { type: 'not-interested' } },
  { say: (m) => m.have(20), hears: { type: 'have', piece: 20 } },
  { say: (m) => m.suggest(3), hears: { type: 'suggest', piece: 3 } },
  { say: (m) => m.allowedFast(4), hears: { type: 'allowed-fast', piece: 4 } },
  {
    say: (m) => m.request(20, 1, 4),
    hears: { type: 'request', piece: 20, begin: 1, length: 4 },
  },
  {
    say: (m) => m.cancel(1, 16_384, 16_384),
    hears: { type: 'cancel', piece: 1, begin: 16_384, length: 16_384 },
  },
  {
    say: (m) => m.reject(1, 0, 16_384),
    hears: { type: 'reject', piece: 1, begin: 0, length: 16_384 },
  },
  { say: (m) => m.dhtPort(6881), hears: { type: 'dht-port', port: 6881 } },
  { say: (m) => m.metadataRequest(7), hears: { type: 'metadata-request', piece: 7 } },
  { say: (m) => m.metadataReject(7), hears: { type: 'metadata-reject', piece: 7 } },
  {
    say: (m) => m.metadataData(1, 16_387, Uint8Array.of(1, 2, 3)),
    hears: { type: 'metadata-data', piece: 1, totalSize: 16_387, bytes: Uint8Array.of(1, 2, 3) },
  },
  {
    say: (m) => m.pex([{ ip: '1.2.3.4', port: 80, flags: 2 }], [{ ip: '2001:db8::1', port: 81 }]),
    hears: {
      type: 'pex',
      added: [{ ip: '1.2.3.4', port: 80, flags: 2 }],
      dropped: [{ ip: '2001:db8::1', port: 81 }],
    },
  },
  { say: (m) => m.uploadOnly(true), hears: { type: 'upload-only', uploadOnly: true } },
  { say: (m) => m.dontHave(20), hears: { type: 'dont-have', piece: 20 } },
];

describe('a conversation', () => {
  it('hears every command as it was said', () => {
    const { dialler, acceptor } = connectedPair();
    for (const { say, hears } of EXCHANGES) {
      say(dialler);
      expect(acceptor.receive(taken(dialler))).toEqual([hears]);
    }
  });

  it.each<[string, (machine: PeerProtocol) => void, PeerEvent]>([
    ['bitfield', (m) => m.bitfield(BITS), { type: 'bitfield', bits: BITS }],
    ['have-all', (m) => m.haveAll(), { type: 'have-all' }],
    ['have-none', (m) => m.haveNone(), { type: 'have-none' }],
  ])('hears which pieces the remote has by %s', (_, say, event) => {
    const { dialler, acceptor } = connectedPair();
    say(dialler);
    expect(acceptor.receive(taken(dialler))).toEqual([event]);
  });

  it('yields the same events however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: EXCHANGES.length }), { maxLength: 30 }),
        fc.array(fc.nat(), { maxLength: 40 }),
        (choices, cuts) => {
          const bytes = spoken(choices);
          expect(receiveInChunks(acceptorOf(), bytes, cuts)).toEqual(
            receiveInChunks(acceptorOf(), bytes, []),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('yields the same events byte by byte', () => {
    const bytes = spoken([...EXCHANGES.keys(), EXCHANGES.length, EXCHANGES.length]);
    const events = receiveInChunks(acceptorOf(), bytes, [...bytes.keys()]);
    expect(events.map((event) => event.type)).toEqual([
      'handshake',
      'extended-handshake',
      'bitfield',
      ...EXCHANGES.map(({ hears }) => hears.type),
      'block',
      'block',
    ]);
  });

  it('takes nothing from the outbox when nothing was said, and everything once', () => {
    const { dialler } = connectedPair();
    expect(dialler.takeOutput()).toBeUndefined();
    dialler.choke();
    dialler.unchoke();
    expect(dialler.takeOutput()).toEqual(Uint8Array.of(...frame(0), ...frame(1)));
    expect(dialler.takeOutput()).toBeUndefined();
  });

  it('gives away bytes that later commands leave alone', () => {
    const { dialler } = connectedPair();
    dialler.have(1);
    const first = taken(dialler);
    dialler.have(2);
    taken(dialler);
    expect(first).toEqual(frame(4, 0, 0, 0, 1));
  });
});

describe('blocks', () => {
  it('are views of the chunk, never copies', () => {
    const { dialler } = connectedPair();
    const chunk = blockMessage(3, 16_384, 16_384);
    const [event] = dialler.receive(chunk);
    expect(event).toMatchObject({ type: 'block', piece: 3, begin: 16_384, length: 16_384, last: true });
    expect(event?.type === 'block' && event.bytes.buffer).toBe(chunk.buffer);
  });

  it('come in fragments where chunks cut them, the last one marked', () => {
    const { dialler } = connectedPair();
    const bytes = blockMessage(0, 0, 100);
    const fragments = [
      ...dialler.receive(bytes.subarray(0, 20)),
      ...dialler.receive(bytes.subarray(20, 50)),
      ...dialler.receive(bytes.subarray(50)),
    ];
    expect(fragments.map((event) => (event.type === 'block' ? [event.offset, event.last] : []))).toEqual([
      [0, false],
      [7, false],
      [37, true],
    ]);
  });

  it('follow each other without a gap', () => {
    const { dialler } = connectedPair();
    const events = dialler.receive(Uint8Array.of(...blockMessage(20, 0, 5), ...blockMessage(0, 0, 1)));
    expect(events).toHaveLength(2);
  });
});

describe('the handshake', () => {
  it('tells both sides who the other is and what both support', () => {
    const dialler = diallerOf({ dht: true });
    const acceptor = acceptorOf();
    dialler.handshake();
    expect(acceptor.receive(taken(dialler))).toMatchObject([
      {
        type: 'handshake',
        infoHash: INFO_HASH,
        peerId: new Uint8Array(20).fill(1),
        features: { fast: true, extended: true, dht: true, v2: false },
      },
    ]);
    bindAcceptor(acceptor);
    acceptor.handshake();
    dialler.receive(taken(acceptor));
    expect(dialler.features).toEqual({ fast: true, extended: true, dht: false, v2: false });
    expect(acceptor.features).toEqual(dialler.features);
  });

  it('holds back what followed it until the torrent is bound', () => {
    const acceptor = acceptorOf();
    const bytes = spoken([0, 1]);
    expect(acceptor.receive(bytes.subarray(0, 100)).map((event) => event.type)).toEqual(['handshake']);
    expect(acceptor.receive(bytes.subarray(100))).toEqual([]);
    bindAcceptor(acceptor);
    expect(acceptor.receive(new Uint8Array(0)).map((event) => event.type)).toEqual([
      'extended-handshake',
      'bitfield',
      'keep-alive',
      'choke',
    ]);
  });

  it('cannot be sent before a torrent is bound', () => {
    expect(() => acceptorOf().handshake()).toThrow(/bind/);
  });
});

describe('without metadata', () => {
  it.each([1, 7, 8, 9, 21, 1000])('has a message ready for who has all of %i pieces', (pieceCount) => {
    const geometry = { pieceCount, pieceLength: 16, totalLength: pieceCount * 16 };
    const { dialler } = connectedPair();
    dialler.setGeometry(geometry);
    const [event] = dialler.receive(completeBitfieldMessage(pieceCount));
    const pieces = Array.from({ length: pieceCount }, (_, piece) => piece);
    const bits = new Uint8Array(Math.ceil(pieceCount / 8));
    for (const piece of pieces) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7));
    expect(event).toEqual({ type: 'bitfield', bits });
  });

  it('passes on a bitfield of any length, and checks indexes once the geometry is there', () => {
    const { dialler: machine } = magnetPair();
    expect(machine.receive(frame(5, 1, 2, 3, 4, 5))).toMatchObject([{ type: 'bitfield' }]);
    expect(machine.receive(frame(4, 0, 0, 0, 99))).toEqual([{ type: 'have', piece: 99 }]);
    machine.setGeometry(GEOMETRY);
    expect(machine.receive(frame(4, 0, 0, 0, 99))).toMatchObject([
      { type: 'violation', error: { code: 'message-malformed' } },
    ]);
  });

  it('has nothing to serve, so every request is an invalid one', () => {
    const { dialler, acceptor } = magnetPair();
    acceptor.request(0, 0, 16_384);
    expect(dialler.receive(taken(acceptor))).toEqual([
      { type: 'invalid-request', piece: 0, begin: 0, length: 16_384 },
    ]);
  });
});

/** A dialler that knows only the info-hash, and an acceptor that knows everything. */
function magnetPair(): { readonly dialler: PeerProtocol; readonly acceptor: PeerProtocol } {
  const dialler = new PeerProtocol({ initiator: true, peerId: new Uint8Array(20), infoHash: INFO_HASH });
  const acceptor = acceptorOf();
  bindAcceptor(acceptor);
  acceptor.handshake();
  dialler.receive(taken(acceptor));
  return { dialler, acceptor };
}

/** Everything that a dialler says: handshakes, a bitfield, then the chosen messages; the number after the last stands for a block. */
function spoken(choices: readonly number[]): Uint8Array {
  const { dialler } = connectedPair();
  const opening = diallerOf();
  opening.handshake();
  const parts = [taken(opening)];
  dialler.extendedHandshake({ client: 'Brine', listenPort: 6881, yourIp: '10.0.0.1' });
  dialler.bitfield(BITS);
  parts.push(taken(dialler));
  for (const choice of choices) {
    const exchange = EXCHANGES[choice];
    exchange?.say(dialler);
    parts.push(exchange === undefined ? blockMessage(2, 300, 700) : taken(dialler));
  }
  return Uint8Array.from(Buffer.concat(parts));
}

function blockMessage(piece: number, begin: number, length: number): Uint8Array {
  const message = Uint8Array.from({ length: PIECE_HEADER_LENGTH + length }, (_, index) => index);
  writePieceHeader(message, 0, piece, begin, length);
  return message;
}

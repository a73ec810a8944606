import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PeerEvent } from '../src/peer/peer-event.ts';
import { PeerProtocol } from '../src/peer/peer-protocol.ts';
import { WireError } from '../src/wire-error.ts';
import type { WireErrorCode } from '../src/wire-error.ts';
import { checkBitfield } from '../src/peer/geometry.ts';
import {
  GEOMETRY,
  INFO_HASH,
  acceptorOf,
  bindAcceptor,
  connectedPair,
  diallerOf,
  frame,
  taken,
  uint32,
} from './peer-pair.ts';

const ZEROS_12 = Array.from({ length: 12 }, () => 0);

describe('a breach of the protocol', () => {
  it.each<[string, Uint8Array, WireErrorCode]>([
    ['an endless message', Uint8Array.of(0xff, 0xff, 0xff, 0xff, 20), 'message-too-long'],
    ['an unknown message above the cap', Uint8Array.of(0, 0x10, 0, 1, 99), 'message-too-long'],
    ['a choke with a body', frame(0, 1), 'message-malformed'],
    ['a have of three bytes', frame(4, 0, 0, 0), 'message-malformed'],
    ['a have beyond the last piece', frame(4, 0, 0, 0, 21), 'message-malformed'],
    ['a suggest beyond the last piece', frame(13, 0, 0, 0, 21), 'message-malformed'],
    ['an allowed-fast beyond the last piece', frame(17, 0xff, 0xff, 0xff, 0xff), 'message-malformed'],
    ['a bitfield that is too short', frame(5, 0, 0), 'message-malformed'],
    ['a bitfield that is too long', frame(5, 0, 0, 0, 0), 'message-malformed'],
    ['a bitfield with spare bits', frame(5, 0, 0, 0b00000100), 'message-malformed'],
    ['a request of eleven bytes', frame(6, ...ZEROS_12.slice(1)), 'message-malformed'],
    ['a cancel of thirteen bytes', frame(8, ...ZEROS_12, 0), 'message-malformed'],
    ['a port of one byte', frame(9, 1), 'message-malformed'],
    [
      'a reject outside the payload',
      frame(16, ...uint32(21), ...uint32(0), ...uint32(1)),
      'message-malformed',
    ],
    ['a piece without a block', frame(7, 0, 0, 0, 0, 0, 0, 0, 0), 'message-malformed'],
    ['a piece without a header', frame(7), 'message-malformed'],
    ['a block above 128 KiB', Uint8Array.of(...uint32(9 + 131_073), 7), 'message-malformed'],
    [
      'a block beyond its piece',
      Uint8Array.of(...uint32(9 + 6), 7, ...uint32(20), ...uint32(0)),
      'message-malformed',
    ],
    [
      'a block of a piece that does not exist',
      Uint8Array.of(...uint32(9 + 1), 7, ...uint32(21), ...uint32(0)),
      'message-malformed',
    ],
    ['an extended message without its id', frame(20), 'message-malformed'],
    ['an extended handshake that is no dictionary', frame(20, 0, 0x69, 0x31, 0x65), 'extension-malformed'],
    ['an extended handshake that is no bencode', frame(20, 0, 0x64, 0x30), 'extension-malformed'],
  ])('ends the conversation: %s', (_, bytes, code) => {
    const { dialler } = connectedPair();
    expect(dialler.receive(bytes)).toMatchObject([{ type: 'violation', error: { code } }]);
    expect(dialler.receive(frame(1))).toEqual([]);
  });

  it('is told by the length alone, before the message is there', () => {
    const { dialler } = connectedPair();
    expect(dialler.receive(Uint8Array.of(0, 0, 0, 4, 5))).toMatchObject([]);
    const other = connectedPair().dialler;
    expect(other.receive(Uint8Array.of(0, 0, 0, 9, 5))).toMatchObject([{ type: 'violation' }]);
  });

  it('keeps what was right before it', () => {
    const { dialler } = connectedPair();
    const events = dialler.receive(Uint8Array.of(...frame(1), ...frame(4, 9, 9, 9, 9), ...frame(0)));
    expect(events.map((event) => event.type)).toEqual(['unchoke', 'violation']);
  });

  it.each([13, 14, 15, 16, 17])('is message %i of the Fast extension when it was not negotiated', (id) => {
    const machine = plainPeer();
    expect(machine.receive(Uint8Array.of(0, 0, 0, 13, id))).toMatchObject([
      { type: 'violation', error: { code: 'message-unexpected' } },
    ]);
  });

  it('is a block before the metadata is known', () => {
    const machine = plainPeer(false);
    expect(machine.receive(Uint8Array.of(...uint32(10), 7, ...uint32(0), ...uint32(0), 1))).toMatchObject([
      { type: 'violation', error: { code: 'message-unexpected' } },
    ]);
  });

  it('is another protocol, seen at its first byte', () => {
    expect(diallerOf().receive(Uint8Array.of(0x47))).toMatchObject([
      { type: 'violation', error: { code: 'handshake-invalid' } },
    ]);
  });

  it('is an answer for another torrent', () => {
    const dialler = diallerOf();
    const other = diallerOf({ infoHash: new Uint8Array(20) });
    other.handshake();
    expect(dialler.receive(taken(other))).toMatchObject([
      { type: 'violation', error: { code: 'handshake-invalid' } },
    ]);
  });

  it('is talking on and on before the handshake was answered', () => {
    const acceptor = acceptorOf();
    const dialler = diallerOf();
    dialler.handshake();
    acceptor.receive(taken(dialler));
    const flood = new Uint8Array(100_000);
    const events = [1, 2, 3].flatMap(() => acceptor.receive(flood));
    expect(events).toMatchObject([{ type: 'violation', error: { code: 'message-too-long' } }]);
  });
});

describe('what real clients do', () => {
  it.each([10, 11, 21, 22, 23, 99, 255])('message %i, unknown, is passed over', (id) => {
    const { dialler } = connectedPair();
    expect(dialler.receive(Uint8Array.of(...frame(id, 1, 2, 3), ...frame(id), ...frame(1)))).toEqual([
      { type: 'unchoke' },
    ]);
  });

  it('an unknown message is passed over in pieces too, and never kept', () => {
    const { dialler } = connectedPair();
    expect(dialler.receive(Uint8Array.of(...uint32(1 + 900_000), 99))).toEqual([]);
    for (let sent = 0; sent < 9; sent++) expect(dialler.receive(new Uint8Array(100_000))).toEqual([]);
    expect(dialler.receive(frame(1))).toEqual([{ type: 'unchoke' }]);
  });

  it('extended messages without their negotiation are unknown messages', () => {
    expect(plainPeer().receive(Uint8Array.of(...frame(20, 0, 0x64, 0x65), ...frame(1)))).toEqual([
      { type: 'unchoke' },
    ]);
  });

  it('the bitfield may come after extended messages, interest and allowed-fast', () => {
    const { dialler, acceptor } = connectedPair();
    dialler.extendedHandshake({});
    dialler.interested();
    dialler.allowedFast(1);
    dialler.haveNone();
    expect(acceptor.receive(taken(dialler)).at(-1)).toEqual({ type: 'have-none' });
  });

  it.each([
    [21, 0, 1],
    [0, 32_767, 2],
    [20, 0, 6],
    [0, 0, 0],
    [0, 0xffffffff, 0xffffffff],
    [0, 0, 131_073],
  ])('a request for %i+%i:%i is a fact to count, no breach', (piece, begin, length) => {
    const { dialler, acceptor } = connectedPair();
    dialler.request(piece, begin, length);
    expect(acceptor.receive(taken(dialler))).toEqual([{ type: 'invalid-request', piece, begin, length }]);
  });

  it('a cancel of what cannot be requested has no effect', () => {
    const { dialler, acceptor } = connectedPair();
    dialler.cancel(21, 0, 1);
    expect(acceptor.receive(taken(dialler))).toEqual([]);
  });
});

describe('hostile bytes', () => {
  it('give events or a violation, never a throw', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 }), (chunks) => {
        const { dialler } = connectedPair();
        expectSound(chunks.flatMap((chunk) => dialler.receive(chunk)));
      }),
    );
  });

  it('give events or a violation when they mutate a real conversation', () => {
    const original = conversation();
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 })), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.nat(original.length),
        (changes, cut) => {
          const bytes = original.slice();
          for (const [at, value] of changes) bytes[at] = value;
          const { dialler } = connectedPair();
          expectSound([...dialler.receive(bytes.subarray(0, cut)), ...dialler.receive(bytes.subarray(cut))]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a bitfield from before the metadata', () => {
  it('is checked when the geometry is known', () => {
    expect(() => checkBitfield(Uint8Array.of(0xff, 0xff, 0xf8), GEOMETRY)).not.toThrow();
    expect(() => checkBitfield(Uint8Array.of(0xff, 0xff, 0xff), GEOMETRY)).toThrow(WireError);
    expect(() => checkBitfield(Uint8Array.of(0xff, 0xff), GEOMETRY)).toThrow(WireError);
    expect(() =>
      checkBitfield(Uint8Array.of(0xff), { pieceCount: 8, pieceLength: 1, totalLength: 8 }),
    ).not.toThrow();
  });
});

/** A violation comes last and once, and carries our own error. */
function expectSound(events: readonly PeerEvent[]): void {
  const violations = events.filter((event) => event.type === 'violation');
  expect(violations.length).toBeLessThanOrEqual(1);
  expect(events.slice(events.length - violations.length)).toEqual(violations);
  for (const event of violations) expect(event.error).toBeInstanceOf(WireError);
}

function conversation(): Uint8Array {
  const { acceptor } = connectedPair();
  acceptor.extendedHandshake({ client: 'Brine', metadataSize: 1000, uploadOnly: true });
  acceptor.bitfield(Uint8Array.of(1, 2, 8));
  acceptor.metadataData(0, 3, Uint8Array.of(1, 2, 3));
  acceptor.pex([{ ip: '1.2.3.4', port: 5, flags: 1 }], [{ ip: '::1', port: 5 }]);
  acceptor.metadataRequest(1);
  acceptor.have(2);
  acceptor.request(1, 0, 16_384);
  acceptor.reject(1, 0, 16_384);
  acceptor.uploadOnly(true);
  acceptor.dontHave(2);
  return taken(acceptor);
}

/** A dialler connected to a remote whose reserved bytes are all zero. */
function plainPeer(knowsMetadata = true): PeerProtocol {
  const acceptor = acceptorOf();
  bindAcceptor(acceptor);
  acceptor.handshake();
  const handshake = taken(acceptor);
  handshake.fill(0, 20, 28);
  const dialler = knowsMetadata
    ? diallerOf()
    : new PeerProtocol({ initiator: true, peerId: new Uint8Array(20), infoHash: INFO_HASH });
  dialler.receive(handshake);
  return dialler;
}

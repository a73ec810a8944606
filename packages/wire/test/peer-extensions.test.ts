import { describe, expect, it } from 'vitest';
import { encodeBencode } from '../src/bencode/encode.ts';
import type { BencodeRecord } from '../src/bencode/encode.ts';
import { decodeExtendedHandshake } from '../src/peer/extended-handshake.ts';
import { decodeMetadataMessage } from '../src/peer/ut-metadata.ts';
import { PEX_PEERS_MAX, decodePex } from '../src/peer/ut-pex.ts';
import { acceptorOf, bindAcceptor, connectedPair, diallerOf, frame, taken } from './peer-pair.ts';

describe('an extended handshake', () => {
  it('says what it was told to say', () => {
    const { dialler, acceptor } = connectedPair();
    dialler.extendedHandshake({
      client: 'Brine 0.1',
      listenPort: 6881,
      requestQueueMax: 500,
      metadataSize: 12_345,
      yourIp: '2001:db8::7',
      uploadOnly: true,
    });
    expect(acceptor.receive(taken(dialler))).toEqual([
      {
        type: 'extended-handshake',
        handshake: {
          messages: new Map([
            ['lt_donthave', 4],
            ['upload_only', 3],
            ['ut_metadata', 2],
            ['ut_pex', 1],
          ]),
          client: 'Brine 0.1',
          listenPort: 6881,
          requestQueueMax: 500,
          metadataSize: 12_345,
          yourIp: '2001:db8::7',
          uploadOnly: true,
        },
      },
    ]);
  });

  it('is not sent to who does not speak the extension protocol', () => {
    expect(diallerOf().extendedHandshake({})).toBe(false);
  });

  it.each<[string, BencodeRecord]>([
    ['a port of zero', { p: 0 }],
    ['a port above 16 bits', { p: 65_536 }],
    ['a negative queue', { reqq: -1 }],
    ['a metadata size above 64 MiB', { metadata_size: 64 * 1024 * 1024 + 1 }],
    ['an address of five bytes', { yourip: new Uint8Array(5) }],
    ['an upload_only that is text', { upload_only: 'yes' }],
    ['a client that is a number', { v: 7 }],
    ['messages that are a list', { m: ['ut_pex'] }],
    ['an id above a byte', { m: { ut_pex: 256 } }],
    ['an id below zero', { m: { ut_pex: -1 } }],
  ])('counts %s as absent', (_, fields) => {
    expect(decodeExtendedHandshake(encodeBencode(fields))).toEqual({ messages: new Map() });
  });

  it('shows a client name without control characters, and no more than 128 units of it', () => {
    const { client } = decodeExtendedHandshake(
      encodeBencode({ v: `A\u0000\u001b\u202eB${'\u00e9'.repeat(500)}` }),
    );
    expect(client).toBe(`AB${'\u00e9'.repeat(126)}`.slice(0, client?.length));
    expect(client?.length).toBeLessThanOrEqual(128);
  });

  it('remembers at most 64 extensions', () => {
    const m = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x${index}`, 1]));
    expect(decodeExtendedHandshake(encodeBencode({ m })).messages.size).toBe(64);
  });

  it('reads an enormous reqq as a large one', () => {
    expect(decodeExtendedHandshake(encodeBencode({ reqq: 2 ** 40 })).requestQueueMax).toBe(65_536);
  });
});

describe('extension ids', () => {
  it('are those that the receiver chose', () => {
    const { dialler, acceptor } = connectedPair();
    acceptor.receive(extendedHandshake({ m: { lt_donthave: 77 } }));
    expect(acceptor.dontHave(1)).toBe(true);
    expect(acceptor.takeOutput()).toEqual(frame(20, 77, 0, 0, 0, 1));
    expect(dialler.features.extended).toBe(true);
  });

  it('of a repeated handshake are merged, and 0 switches off', () => {
    const { acceptor } = connectedPair();
    acceptor.receive(extendedHandshake({ m: { ut_pex: 9 } }));
    acceptor.receive(extendedHandshake({ m: { lt_donthave: 0 } }));
    expect(acceptor.pex([], [])).toBe(true);
    expect(acceptor.uploadOnly(true)).toBe(true);
    expect(acceptor.dontHave(1)).toBe(false);
  });

  it('are not known before the remote has offered anything', () => {
    const machine = acceptorOf();
    bindAcceptor(machine);
    expect([
      machine.metadataRequest(0),
      machine.metadataReject(0),
      machine.metadataData(0, 1, Uint8Array.of(1)),
      machine.pex([], []),
      machine.uploadOnly(true),
      machine.dontHave(0),
    ]).toEqual([false, false, false, false, false, false]);
    expect(machine.takeOutput()).toBeUndefined();
  });

  it('that we did not offer, or no longer offer, mean nothing', () => {
    const { dialler, acceptor } = connectedPair();
    acceptor.extendedHandshake({ offers: ['ut_metadata'] });
    dialler.pex([{ ip: '1.2.3.4', port: 5, flags: 0 }], []);
    expect(acceptor.receive(taken(dialler))).toEqual([]);
    dialler.receive(taken(acceptor));
    expect(dialler.pex([], [])).toBe(false);
    expect(dialler.metadataRequest(0)).toBe(true);
    expect(acceptor.receive(frame(20, 200, 1, 2))).toEqual([]);
  });

  it('exist for further extensions too, whose payload is passed on', () => {
    const { dialler, acceptor } = connectedPair({ extensions: ['brine_claims'] });
    expect(dialler.extension('brine_claims', Uint8Array.of(1, 2))).toBe(true);
    expect(acceptor.receive(taken(dialler))).toEqual([
      { type: 'extension', name: 'brine_claims', payload: Uint8Array.of(1, 2) },
    ]);
    expect(dialler.extension('nobody_has_this', new Uint8Array(0))).toBe(false);
  });

  it.each([
    ['upload_only without a value', frame(20, 3)],
    ['upload_only of two bytes', frame(20, 3, 1, 1)],
    ['lt_donthave of three bytes', frame(20, 4, 0, 0, 0)],
    ['lt_donthave beyond the last piece', frame(20, 4, 0, 0, 0, 21)],
  ])('%s is a breach', (_, bytes) => {
    const { dialler } = connectedPair();
    expect(dialler.receive(bytes)).toMatchObject([{ type: 'violation' }]);
  });
});

describe('ut_metadata', () => {
  it.each<[string, BencodeRecord, number]>([
    ['no piece', { msg_type: 0 }, 0],
    ['a negative piece', { msg_type: 0, piece: -1 }, 0],
    ['a piece beyond 64 MiB', { msg_type: 0, piece: 4096 }, 0],
    ['no type', { piece: 0 }, 0],
    ['data without a size', { msg_type: 1, piece: 0 }, 5],
    ['data of a size beyond 64 MiB', { msg_type: 1, piece: 0, total_size: 2 ** 26 + 1 }, 16_384],
    ['data beyond the end', { msg_type: 1, piece: 2, total_size: 16_384 }, 16_384],
    ['data that is short', { msg_type: 1, piece: 0, total_size: 20_000 }, 16_383],
    ['data that is long', { msg_type: 1, piece: 1, total_size: 20_000 }, 16_384],
    ['data that is empty', { msg_type: 1, piece: 0, total_size: 0 }, 0],
  ])('refuses %s', (_, fields, dataLength) => {
    const payload = Uint8Array.of(...encodeBencode(fields), ...new Uint8Array(dataLength));
    expect(() => decodeMetadataMessage(payload)).toThrow(
      expect.objectContaining({ code: 'extension-malformed' }),
    );
  });

  it('passes over types that do not exist yet', () => {
    expect(decodeMetadataMessage(encodeBencode({ msg_type: 3, piece: 0 }))).toBeUndefined();
  });
});

describe('ut_pex', () => {
  it('reads at most 200 peers of each list', () => {
    const peers = Uint8Array.from({ length: 6 * 1000 }, () => 1);
    const event = decodePex(encodeBencode({ added: peers, dropped: peers }));
    expect(event).toMatchObject({ added: { length: PEX_PEERS_MAX }, dropped: { length: PEX_PEERS_MAX } });
  });

  it('keeps flags with their peers when one without a port goes', () => {
    const added = Uint8Array.of(1, 1, 1, 1, 0, 0, 2, 2, 2, 2, 0, 9);
    expect(decodePex(encodeBencode({ added, 'added.f': Uint8Array.of(7, 8) }))).toMatchObject({
      added: [{ ip: '2.2.2.2', port: 9, flags: 8 }],
    });
  });

  it('leaves out what is no whole entry, and lacks flags gladly', () => {
    const added = Uint8Array.of(1, 1, 1, 1, 0, 5, 2, 2);
    expect(decodePex(encodeBencode({ added, added6: 5 }))).toEqual({
      type: 'pex',
      added: [{ ip: '1.1.1.1', port: 5, flags: 0 }],
      dropped: [],
    });
  });
});

function extendedHandshake(fields: BencodeRecord): Uint8Array {
  return frame(20, 0, ...encodeBencode(fields));
}

import { PeerProtocol } from '../src/peer/peer-protocol.ts';
import type { PeerProtocolOptions } from '../src/peer/peer-protocol.ts';
import type { PeerEvent } from '../src/peer/peer-event.ts';
import type { Geometry } from '../src/peer/geometry.ts';

/** 21 pieces of 32 KiB, the last of 5 bytes: three bytes of bitfield with three spare bits. */
export const GEOMETRY: Geometry = { pieceCount: 21, pieceLength: 32_768, totalLength: 20 * 32_768 + 5 };
export const INFO_HASH = Uint8Array.from({ length: 20 }, (_, index) => index);
const DIALLER_ID = new Uint8Array(20).fill(1);
const ACCEPTOR_ID = new Uint8Array(20).fill(2);

/** Two machines whose handshakes, and extended handshakes, have been exchanged. */
export function connectedPair(options: Partial<PeerProtocolOptions> = {}): {
  readonly dialler: PeerProtocol;
  readonly acceptor: PeerProtocol;
} {
  const dialler = diallerOf(options);
  const acceptor = acceptorOf(options);
  dialler.handshake();
  acceptor.receive(taken(dialler));
  bindAcceptor(acceptor);
  acceptor.handshake();
  acceptor.extendedHandshake({});
  dialler.receive(taken(acceptor));
  dialler.extendedHandshake({});
  acceptor.receive(taken(dialler));
  return { dialler, acceptor };
}

export function diallerOf(options: Partial<PeerProtocolOptions> = {}): PeerProtocol {
  return new PeerProtocol({
    initiator: true,
    peerId: DIALLER_ID,
    infoHash: INFO_HASH,
    geometry: GEOMETRY,
    ...options,
  });
}

/** Knows no torrent until `bindAcceptor`. */
export function acceptorOf(options: Partial<PeerProtocolOptions> = {}): PeerProtocol {
  const { geometry: _, ...rest } = options;
  return new PeerProtocol({ initiator: false, peerId: ACCEPTOR_ID, ...rest });
}

export function bindAcceptor(acceptor: PeerProtocol): void {
  acceptor.bind({ infoHash: INFO_HASH, geometry: GEOMETRY });
}

/** What a machine has to say, which must be something. */
export function taken(machine: PeerProtocol): Uint8Array {
  const bytes = machine.takeOutput();
  if (bytes === undefined) throw new Error('nothing was commanded');
  return bytes;
}

/** Feeds `bytes` cut at `cuts`, answers the handshake, and overwrites every chunk after use as a socket's buffer would be. */
export function receiveInChunks(
  machine: PeerProtocol,
  bytes: Uint8Array,
  cuts: readonly number[],
): PeerEvent[] {
  const borders = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const events: PeerEvent[] = [];
  for (const [index, start] of borders.slice(0, -1).entries()) {
    const chunk = bytes.slice(start, borders[index + 1]);
    const received = machine.receive(chunk).map(keep);
    events.push(...received);
    chunk.fill(0xee);
    if (received.some((event) => event.type === 'handshake')) {
      bindAcceptor(machine);
      machine.extendedHandshake({});
      events.push(...machine.receive(new Uint8Array(0)).map(keep));
    }
  }
  return joined(events);
}

/** One frame of the peer protocol: length, id, body. */
export function frame(id: number, ...body: readonly number[]): Uint8Array {
  return Uint8Array.of(...uint32(1 + body.length), id, ...body);
}

export function uint32(value: number): readonly number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** A copy without views; errors by their code, so that events can be compared. */
function keep(event: PeerEvent): PeerEvent {
  return event.type === 'violation' ? event : structuredClone(event);
}

/** Joins the fragments of each block. */
function joined(events: readonly PeerEvent[]): PeerEvent[] {
  const result: PeerEvent[] = [];
  for (const event of events) {
    const open = result.at(-1);
    if (event.type === 'block' && open?.type === 'block' && !open.last)
      result[result.length - 1] = {
        ...open,
        bytes: Uint8Array.of(...open.bytes, ...event.bytes),
        last: event.last,
      };
    else result.push(event);
  }
  return result;
}

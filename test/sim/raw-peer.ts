import type { ByteStream, Listener } from '@brine/swarm';
import type { Payload, SimClock, SimHost, SimRandom } from '@brine/swarm/sim';
import { PeerProtocol, SITE_EXTENSION } from '@brine/wire';
import type { PeerAddress, PeerEvent } from '@brine/wire';

import { concatBytes } from './bencode-text.ts';

/** What a hand-made peer does. */
export interface PeerScript {
  /** The connection stands; nothing has been exchanged. */
  readonly started?: (connection: RawConnection) => void;
  /** One fact from our engine's bytes. */
  readonly heard?: (connection: RawConnection, event: PeerEvent) => void;
  readonly ended?: (connection: RawConnection) => void;
}

export interface RawPeerOptions {
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly host: SimHost;
  readonly payload: Payload;
  readonly script: PeerScript;
  /** Its name on a new connection; default: another one each time. */
  readonly peerId?: () => Uint8Array;
}

/** A peer on a host of its own that follows a script, by the protocol machine where it suits, by raw bytes where it does not. */
export class RawPeer {
  readonly address: PeerAddress;
  readonly connections = new Set<RawConnection>();
  /** Connections that have ended, by either side. */
  endedCount = 0;
  readonly #options: RawPeerOptions;

  constructor(options: RawPeerOptions) {
    this.#options = options;
    this.address = { ip: options.host.addresses[0]!, port: 6881 };
  }

  listen(): Promise<Listener> {
    return this.#options.host.listen({ ip: '0.0.0.0', port: this.address.port }, (stream) => {
      this.#take(stream, false);
    });
  }

  call(address: PeerAddress): void {
    this.#take(this.#options.host.connect(address), true);
  }

  /** Calls again as soon as the connection has ended, `everyMs` apart at least. */
  pester(address: PeerAddress, everyMs: number): void {
    if (this.connections.size === 0) this.call(address);
    this.#options.clock.schedule(everyMs, () => this.pester(address, everyMs));
  }

  #take(stream: ByteStream, initiator: boolean): void {
    const { script } = this.#options;
    const connection = new RawConnection(this.#options, stream, initiator);
    this.connections.add(connection);
    if (!initiator) script.started?.(connection);
    stream.open({
      connected: () => script.started?.(connection),
      received: (bytes) => {
        for (const event of connection.machine.receive(bytes)) script.heard?.(connection, event);
        connection.flush();
      },
      closed: () => {
        connection.live = false;
        this.connections.delete(connection);
        this.endedCount += 1;
        script.ended?.(connection);
      },
    });
  }
}

/** One connection of a raw peer. */
export class RawConnection {
  readonly stream: ByteStream;
  readonly machine: PeerProtocol;
  readonly payload: Payload;
  readonly random: SimRandom;
  readonly initiator: boolean;
  /** False once the stream has closed. */
  live = true;
  readonly #clock: SimClock;

  constructor(options: RawPeerOptions, stream: ByteStream, initiator: boolean) {
    this.stream = stream;
    this.payload = options.payload;
    this.random = options.random;
    this.initiator = initiator;
    this.#clock = options.clock;
    this.machine = new PeerProtocol({
      initiator,
      peerId: options.peerId?.() ?? options.random.bytes(20),
      extensions: [SITE_EXTENSION],
      infoHash: options.payload.infoHash,
      geometry: {
        pieceCount: options.payload.pieceCount,
        pieceLength: options.payload.pieceLength,
        totalLength: options.payload.content.length,
      },
    });
  }

  /** Sends what the machine was told to say. */
  flush(): void {
    const output = this.machine.takeOutput();
    if (output !== undefined) this.stream.write(output);
  }

  raw(...parts: readonly (Uint8Array | readonly number[])[]): void {
    this.stream.write(concatBytes(parts));
  }

  /** A message with a right length prefix, any id and any body. */
  message(id: number, ...body: readonly (Uint8Array | readonly number[])[]): void {
    const length = body.reduce((sum, part) => sum + part.length, 1);
    this.raw(uint32(length), [id], ...body);
  }

  /** A `piece` message, true or not. */
  block(piece: number, begin: number, bytes: Uint8Array): void {
    this.message(7, uint32(piece), uint32(begin), bytes);
  }

  /** The payload's bytes at a place. */
  content(piece: number, begin: number, length: number): Uint8Array {
    const at = piece * this.payload.pieceLength + begin;
    return this.payload.content.slice(at, at + length);
  }

  /** Does something later, if the stream has not closed by then. */
  later(delayMs: number, task: () => void): void {
    this.#clock.schedule(delayMs, () => {
      if (this.live) task();
    });
  }
}

/** Big-endian, as everything in the peer protocol. */
export function uint32(value: number): readonly number[] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

import { PeerProtocol, SITE_EXTENSION } from '@brine/wire';
import type { PeerEvent } from '@brine/wire';

import type { Clock } from '../ports/clock.ts';
import type { ByteStream } from '../ports/network.ts';
import type { Dialer } from './dialer.ts';
import { PeerConnection } from './peer-connection.ts';
import type { ConnectionOwner } from './peer-connection.ts';

export interface AcceptorOptions {
  readonly clock: Clock;
  readonly dialer: Dialer;
  /** Ours, 20 bytes. */
  readonly peerId: Uint8Array;
  /** Takes over a connection whose handshake names this info-hash; false when no such torrent runs here. */
  readonly route: (infoHash: Uint8Array, connection: PeerConnection, peerId: Uint8Array) => boolean;
}

/** Holds incoming connections until their handshake says which torrent they are for. */
export class Acceptor implements ConnectionOwner {
  readonly #options: AcceptorOptions;

  constructor(options: AcceptorOptions) {
    this.#options = options;
  }

  accept(stream: ByteStream): void {
    const { clock, dialer, peerId } = this.#options;
    const protocol = new PeerProtocol({ initiator: false, peerId, extensions: [SITE_EXTENSION] });
    const connection = new PeerConnection({ stream, protocol, outgoing: false, owner: this, clock });
    const welcome = dialer.accepted(connection);
    connection.open();
    if (!welcome) connection.close('too many connections');
  }

  connectionOpened(): void {
    // Accepted streams are open from the start.
  }

  peerEvent(connection: PeerConnection, event: PeerEvent): void {
    if (event.type !== 'handshake') return;
    if (!this.#options.route(event.infoHash, connection, event.peerId))
      connection.close('asks for a torrent that is not here');
  }

  turnEnded(): void {
    // Until the handshake is complete there is nothing to answer.
  }

  connectionClosed(connection: PeerConnection): void {
    this.#options.dialer.closed(connection);
  }
}

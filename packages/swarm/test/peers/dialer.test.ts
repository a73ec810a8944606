import { describe, expect, it } from 'vitest';

import { PeerProtocol } from '@brine/wire';

import { Dialer } from '../../src/peers/dialer.ts';
import { PeerConnection } from '../../src/peers/peer-connection.ts';
import type { ConnectionOwner } from '../../src/peers/peer-connection.ts';
import type { ByteStream, StreamSink } from '../../src/ports/network.ts';
import { VirtualClock } from '../support/virtual-clock.ts';

/** A stream to nowhere: nothing ever arrives. */
class SilentStream implements ByteStream {
  readonly remote = { ip: '192.0.2.1', port: 6881 };
  readonly local = undefined;
  readonly unsentBytes = 0;
  sink: StreamSink | undefined;
  open(sink: StreamSink): void {
    this.sink = sink;
  }
  write(): void {
    // Nobody reads.
  }
  allowReading(): void {
    // Nothing comes.
  }
  close(): void {
    this.abort();
  }
  abort(): void {
    this.sink?.closed();
  }
}

function setUp(options: { readonly connectionsMax: number; readonly halfOpenMax: number }) {
  const clock = new VirtualClock();
  const dialer = new Dialer({ clock, ...options });
  const ended: string[] = [];
  const owner: ConnectionOwner = {
    connectionOpened: (connection) => dialer.established(connection),
    peerEvent: () => undefined,
    turnEnded: () => undefined,
    connectionClosed: (connection, reason) => {
      dialer.closed(connection);
      ended.push(reason);
    },
  };
  const connect = (outgoing: boolean): { connection: PeerConnection; stream: SilentStream } => {
    const stream = new SilentStream();
    const protocol = new PeerProtocol({
      initiator: outgoing,
      peerId: new Uint8Array(20),
      infoHash: new Uint8Array(20),
    });
    const connection = new PeerConnection({ stream, protocol, outgoing, owner, clock });
    connection.open();
    return { connection, stream };
  };
  return { clock, dialer, owner, ended, connect };
}

describe('The dialler', () => {
  it('keeps few connections half open', () => {
    const { dialer, owner, connect } = setUp({ connectionsMax: 100, halfOpenMax: 2 });
    const first = connect(true).connection;
    dialer.dialled(first, owner);
    dialer.dialled(connect(true).connection, owner);
    expect(dialer.free).toBe(0);
    dialer.joined(first);
    expect(dialer.free).toBe(1);
  });

  it('dials on while strangers connect and say nothing', () => {
    const { dialer, connect } = setUp({ connectionsMax: 100, halfOpenMax: 2 });
    for (let at = 0; at < 10; at += 1) dialer.accepted(connect(false).connection);
    expect(dialer.free).toBe(2);
  });

  it('gives up a connection that is not there after 15 s', () => {
    const { clock, dialer, owner, ended, connect } = setUp({ connectionsMax: 100, halfOpenMax: 2 });
    dialer.dialled(connect(true).connection, owner);
    clock.advance(14_999);
    expect(ended).toEqual([]);
    clock.advance(2);
    expect(ended).toEqual(['no connection within 15 s']);
    expect(dialer.connectionCount).toBe(0);
  });

  it('gives a remote 10 s to introduce itself, on either side', () => {
    const { clock, dialer, owner, ended, connect } = setUp({ connectionsMax: 100, halfOpenMax: 2 });
    const { connection, stream } = connect(true);
    dialer.dialled(connection, owner);
    clock.advance(14_000);
    stream.sink?.connected();
    dialer.accepted(connect(false).connection);
    clock.advance(9_999);
    expect(ended).toEqual([]);
    clock.advance(2);
    expect(ended).toEqual(['no handshake within 10 s', 'no handshake within 10 s']);
  });

  it('leaves a connection alone once it has joined a torrent', () => {
    const { clock, dialer, owner, ended, connect } = setUp({ connectionsMax: 100, halfOpenMax: 2 });
    const { connection, stream } = connect(true);
    dialer.dialled(connection, owner);
    stream.sink?.connected();
    dialer.joined(connection);
    clock.advance(3_600_000);
    expect(ended).toEqual([]);
  });

  it('takes no more than the engine may have', () => {
    const { dialer, connect } = setUp({ connectionsMax: 1, halfOpenMax: 9 });
    expect(dialer.accepted(connect(false).connection)).toBe(true);
    expect(dialer.accepted(connect(false).connection)).toBe(false);
    expect(dialer.free).toBe(0);
  });
});

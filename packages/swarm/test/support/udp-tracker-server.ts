import { createSocket, type RemoteInfo } from 'node:dgram';

/** A request of BEP 15 as the server saw it. */
export interface SeenDatagram {
  readonly action: 'connect' | 'announce';
  readonly connectionId: bigint;
  readonly transactionId: number;
  /** The whole packet. */
  readonly bytes: Buffer;
  readonly from: RemoteInfo;
}

export interface TestUdpServer extends AsyncDisposable {
  readonly port: number;
  readonly seen: readonly SeenDatagram[];
  /** Resolves when `count` packets have arrived in all. */
  saw(count: number): Promise<void>;
  send(bytes: Uint8Array, to: RemoteInfo): void;
}

/** A UDP server on a loopback port, by default a free one; `respond` gives the packets that go back, in order. */
export async function startUdpServer(
  respond: (seen: SeenDatagram, server: TestUdpServer) => readonly Uint8Array[],
  host = '127.0.0.1',
  port = 0,
): Promise<TestUdpServer> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const seen: SeenDatagram[] = [];
  const waiting = new Set<() => void>();
  await new Promise<void>((bound) => {
    socket.bind(port, host, bound);
  });
  const server: TestUdpServer = {
    port: socket.address().port,
    seen,
    saw: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (seen.length >= count) resolve();
        };
        waiting.add(check);
        check();
      }),
    send: (bytes, to) => socket.send(bytes, to.port, to.address),
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        socket.close(() => closed());
      }),
  };
  socket.on('message', (bytes, from) => {
    const one: SeenDatagram = {
      action: bytes.readUInt32BE(8) === 0 ? 'connect' : 'announce',
      connectionId: bytes.readBigUInt64BE(0),
      transactionId: bytes.readUInt32BE(12),
      bytes,
      from,
    };
    seen.push(one);
    for (const answer of respond(one, server)) server.send(answer, from);
    for (const check of waiting) check();
  });
  return server;
}

export function connectAnswer(transactionId: number, connectionId: bigint): Buffer {
  const packet = Buffer.alloc(16);
  packet.writeUInt32BE(transactionId, 4);
  packet.writeBigUInt64BE(connectionId, 8);
  return packet;
}

/** Interval 1800 s, 3 leechers, 7 seeders and the peers given in compact form. */
export function udpAnnounceAnswer(transactionId: number, compactPeers: readonly number[] = []): Buffer {
  const packet = Buffer.alloc(20);
  packet.writeUInt32BE(1, 0);
  packet.writeUInt32BE(transactionId, 4);
  packet.writeUInt32BE(1800, 8);
  packet.writeUInt32BE(3, 12);
  packet.writeUInt32BE(7, 16);
  return Buffer.concat([packet, Buffer.from(compactPeers)]);
}

export function errorAnswer(transactionId: number, message: string): Buffer {
  const packet = Buffer.alloc(8);
  packet.writeUInt32BE(3, 0);
  packet.writeUInt32BE(transactionId, 4);
  return Buffer.concat([packet, Buffer.from(message)]);
}

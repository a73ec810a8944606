import net from 'node:net';

import type { PeerAddress } from '@brine/wire';

import type { ByteStream, Listener, Network } from '../ports/network.ts';
import { SocketStream } from './socket-stream.ts';

/** TCP by Node's `net`. Small messages leave at once (`noDelay`): the engine batches by itself. */
export function createNodeNetwork(): Network {
  return { listen, connect };
}

function connect(to: PeerAddress): ByteStream {
  return SocketStream.dial(to);
}

function listen(at: PeerAddress, accept: (stream: ByteStream) => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = net.createServer({ pauseOnConnect: true, noDelay: true });
    server.once('error', reject);
    server.listen({ host: at.ip, port: at.port, ipv6Only: at.ip !== '::' && at.ip.includes(':') }, () => {
      server.off('error', reject);
      // A listening socket reports failures of single accepts (no descriptors left, say); the next accept may work.
      server.on('error', ignoreAcceptFailure);
      resolve({ address: boundAddress(server), close: () => closeServer(server) });
    });
    server.on('connection', (socket) => {
      const stream = SocketStream.accepted(socket);
      if (stream !== undefined) accept(stream);
    });
  });
}

function ignoreAcceptFailure(): void {
  // Nothing to undo: the kernel keeps the connection in its backlog, and the peer retries.
}

function boundAddress(server: net.Server): PeerAddress {
  const address = server.address();
  if (address === null || typeof address === 'string')
    throw new Error('a TCP server has an address once listening');
  return { ip: address.address, port: address.port };
}

function closeServer(server: net.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

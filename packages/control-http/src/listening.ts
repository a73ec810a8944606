import { chmod, lstat, rm } from 'node:fs/promises';
import { BlockList, connect } from 'node:net';
import type { Server } from 'node:net';

import type { FastifyInstance } from 'fastify';

/** Where the API is reached: an address, a socket in the file system, or a socket that listens already. */
export type ControlAddress =
  | {
      readonly host: string;
      /** 0: any free one. */
      readonly port: number;
      /** PEM; absent: plain HTTP. */
      readonly tls?: { readonly cert: string; readonly key: string };
    }
  | { readonly socketPath: string }
  | {
      /** A descriptor that this process was given. Without TLS it must be local. */
      readonly descriptor: number;
      readonly tls?: { readonly cert: string; readonly key: string };
    };

/** Resolves with the URL. Rejects with the platform's error, or one that says who is there already. */
export async function listenAt(server: FastifyInstance, address: ControlAddress): Promise<string> {
  if ('host' in address) {
    await server.listen({ host: address.host, port: address.port });
    const bound = (server.server as Server).address();
    const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
    return urlOf(address.host, port, address.tls !== undefined);
  }
  if ('descriptor' in address) {
    // The host is for Fastify, which would otherwise listen at another address as well.
    const options = { fd: address.descriptor, host: '127.0.0.1', port: 0 };
    await server.listen(options);
    return describeBound(server.server, address.tls !== undefined);
  }
  await removeDeadSocket(address.socketPath);
  await server.listen({ path: address.socketPath });
  await chmod(address.socketPath, 0o600);
  return `unix:${address.socketPath}`;
}

/** The URL of a socket that somebody else has bound. Throws when the token would cross a network in the clear. */
function describeBound(server: Server, isEncrypted: boolean): string {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') return `unix:${bound ?? ''}`;
  const { address, port } = bound;
  if (!isEncrypted && !LOOPBACK.check(address, bound.family === 'IPv6' ? 'ipv6' : 'ipv4'))
    throw new Error(
      `the socket is bound to ${address}, which others can reach, and the token would cross the network in the clear`,
    );
  return urlOf(EVERYWHERE.has(address) ? 'localhost' : address, port, isEncrypted);
}

function urlOf(host: string, port: number, isEncrypted: boolean): string {
  return `${isEncrypted ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** What a killed process left behind. Rejects if another one lives there, or if it is no socket. */
async function removeDeadSocket(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isSocket()) throw new Error(`${path} is there already, and is no socket`);
  if (await answers(path)) throw new Error(`another process listens at ${path}`);
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path }, () => {
      socket.destroy();
      resolve(true);
    });
    // Nobody holds it any more; anything else may be somebody whom we may not call.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

import { chmod, rm } from 'node:fs/promises';
import { BlockList } from 'node:net';
import type { Server } from 'node:net';

import { fastify, LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

import type { ControlOptions } from './control-plugin.ts';
import { controlHttp } from './control-plugin.ts';
import { pathOf } from './errors.ts';

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

export interface ControlServerOptions extends ControlOptions {
  readonly address: ControlAddress;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
}

/** A server that listens. */
export interface ControlServer {
  /** `http://127.0.0.1:7420`, or `unix:/run/brine.sock`. */
  readonly url: string;
  /** When the last call other than to `/healthz` and `/metrics` came, `performance.now()`; streams count while they are open. */
  lastCallMs(): number;
  /** Ends streams, lets calls that are under way finish, and closes. */
  close(): Promise<void>;
}

/** Serves the API. Rejects with the platform's error if it cannot listen. */
export async function startControlServer(options: ControlServerOptions): Promise<ControlServer> {
  const { address, logger } = options;
  const server = createServer(options);
  let lastCallMs = performance.now();
  server.addHook('onResponse', async (request, reply) => {
    const path = pathOf(request);
    if (path !== '/healthz' && path !== '/metrics') lastCallMs = performance.now();
    logger?.[request.method === 'GET' ? 'debug' : 'info'](
      { method: request.method, path, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
      'call',
    );
  });
  await server.register(controlHttp, options);
  try {
    const url = await listen(server, address);
    return { url, lastCallMs: () => lastCallMs, close: () => closeSoon(server) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function createServer({ address, logger }: ControlServerOptions): FastifyInstance {
  const options = {
    // Ours says what is worth saying, without headers: they hold the token.
    logController: new LogController({ disableRequestLogging: true }),
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    bodyLimit: BODY_BYTES_MAX,
    connectionTimeout: 0,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
  } as const;
  const tls = 'tls' in address ? address.tls : undefined;
  const server =
    tls === undefined ? fastify(options) : fastify({ ...options, https: { ...tls, minVersion: 'TLSv1.2' } });
  return server as unknown as FastifyInstance;
}

/** Calls that are under way are answered; connections that only wait for the next are not waited for. */
async function closeSoon(server: FastifyInstance): Promise<void> {
  const patience = setTimeout(() => server.server.closeAllConnections(), CLOSE_PATIENCE_MS);
  try {
    await server.close();
  } finally {
    clearTimeout(patience);
  }
}

async function listen(server: FastifyInstance, address: ControlAddress): Promise<string> {
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
  // What a killed process left behind; the caller sees to it that there is no other.
  await rm(address.socketPath, { force: true });
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

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');
const EVERYWHERE: ReadonlySet<string> = new Set(['0.0.0.0', '::']);
const CLOSE_PATIENCE_MS = 500;
const BODY_BYTES_MAX: number = 64 * 1024;
/** For sending a whole request; the answer may take longer. */
const REQUEST_TIMEOUT_MS = 60_000;

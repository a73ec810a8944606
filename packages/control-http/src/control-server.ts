import { fastify, LogController } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';

import { refuseBytes } from './broken-requests.ts';
import type { ControlOptions } from './control-plugin.ts';
import { controlHttp } from './control-plugin.ts';
import { pathOf } from './errors.ts';
import { listenAt } from './listening.ts';
import type { ControlAddress } from './listening.ts';

export interface ControlServerOptions extends ControlOptions {
  readonly address: ControlAddress;
  /** Default: nothing is logged. */
  readonly logger?: Logger;
  /** Milliseconds for sending a whole request; the answer may take longer. Default 60 s, of which the headers may take 10. */
  readonly requestTimeoutMs?: number;
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
    const url = await listenAt(server, address);
    return { url, lastCallMs: () => lastCallMs, close: () => closeSoon(server) };
  } catch (error) {
    await server.close();
    throw error;
  }
}

function createServer({ address, logger, requestTimeoutMs }: ControlServerOptions): FastifyInstance {
  const wholeMs = requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const platform = {
    maxHeaderSize: HEAD_BYTES_MAX,
    headersTimeout: Math.min(HEAD_TIMEOUT_MS, wholeMs),
    requestTimeout: wholeMs,
    // How often the platform looks who is late.
    connectionsCheckingInterval: Math.min(CHECK_INTERVAL_MS, wholeMs),
  };
  const options = {
    // Ours says what is worth saying, without headers: they hold the token.
    logController: new LogController({ disableRequestLogging: true }),
    ...(logger === undefined ? {} : { loggerInstance: logger }),
    bodyLimit: BODY_BYTES_MAX,
    connectionTimeout: 0,
    requestTimeout: wholeMs,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 200 },
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    clientErrorHandler: refuseBytes,
  } as const;
  const tls = 'tls' in address ? address.tls : undefined;
  const secure = { ...platform, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HEAD_TIMEOUT_MS } as const;
  const server =
    tls === undefined ? fastify({ ...options, http: platform }) : fastify({ ...options, https: secure });
  server.server.maxConnections = CONNECTIONS_MAX;
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

const CLOSE_PATIENCE_MS = 500;
const BODY_BYTES_MAX: number = 64 * 1024;
const REQUEST_TIMEOUT_MS = 60_000;
/** For sending its headers, and for a TLS handshake. */
const HEAD_TIMEOUT_MS = 10_000;
const CHECK_INTERVAL_MS = 5_000;
const HEAD_BYTES_MAX: number = 16 * 1024;
/** More than the streams of events, and enough for everybody who calls beside them. */
const CONNECTIONS_MAX = 1_000;

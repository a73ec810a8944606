import { randomBytes } from 'node:crypto';

import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { ControlAdapter } from '../control-adapter.ts';
import { ServiceError } from '../problem.ts';
import { readRequest, RpcError } from './rpc-request.ts';
import type { RpcArguments, RpcRequest } from './rpc-request.ts';
import type { SessionFacts } from './session.ts';
import { Session } from './session.ts';
import { TorrentMethods } from './torrent-methods.ts';
import { TorrentTable } from './torrent-table.ts';

export interface TransmissionRpcOptions extends SessionFacts {
  /** Milliseconds since 1970. Default: the machine's clock. */
  readonly nowMs?: () => number;
}

/**
 * The API of the Transmission daemon, RPC version 17 (github.com/transmission/transmission, docs/rpc-spec.md), so that tools which
 * people have already can drive the service: `/transmission/rpc`, HTTP basic authentication with any name and the token as the
 * password, `X-Transmission-Session-Id` against forged requests.
 */
export function transmissionRpc(options: TransmissionRpcOptions): ControlAdapter {
  return (fastify, service) => {
    const { nowMs = Date.now, ...facts } = options;
    const sessionId = randomBytes(24).toString('base64url');
    const table = new TorrentTable(() => service.list(), nowMs);
    const torrents = new TorrentMethods({ service, table, facts, nowMs });
    const session = new Session({ service, facts, sessionId, nowMs });
    const call = (request: RpcRequest): Promise<object> => answer(methodsOf(torrents, session), request);
    addParser(fastify);
    fastify.setErrorHandler((error: FastifyError, request, reply) => refuse(error, request, reply));
    for (const url of [PATH, `${PATH}/`]) addRoute(fastify, { url, sessionId, call });
  };
}

type Method = (args: RpcArguments) => object | void | Promise<object | void>;

function methodsOf(torrents: TorrentMethods, session: Session): Readonly<Record<string, Method>> {
  return {
    'torrent-get': (args) => torrents.get(args),
    'torrent-add': (args) => torrents.add(args),
    'torrent-remove': (args) => torrents.remove(args),
    'torrent-set': (args) => torrents.set(args),
    'torrent-start': (args) => torrents.start(args),
    'torrent-start-now': (args) => torrents.start(args),
    'torrent-stop': (args) => torrents.stop(args),
    'torrent-verify': (args) => torrents.verify(args),
    'torrent-reannounce': (args) => torrents.reannounce(args),
    'free-space': (args) => torrents.freeSpace(args),
    'session-get': (args) => session.get(args),
    'session-set': (args) => session.set(args),
    'session-stats': () => session.stats(),
  };
}

/** What fails for a reason that the caller can understand is an answer too. */
async function answer(methods: Readonly<Record<string, Method>>, request: RpcRequest): Promise<object> {
  const tag = request.tag === undefined ? {} : { tag: request.tag };
  try {
    const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
    if (method === undefined) throw new RpcError('method name not recognized');
    return { arguments: (await method(request.arguments)) ?? {}, result: 'success', ...tag };
  } catch (error) {
    if (error instanceof RpcError || error instanceof ServiceError)
      return { arguments: {}, result: error.message, ...tag };
    throw error;
  }
}

function addRoute(
  fastify: FastifyInstance,
  at: { url: string; sessionId: string; call: (request: RpcRequest) => Promise<object> },
): void {
  const { url, sessionId, call } = at;
  fastify.route({
    method: ['GET', 'POST'],
    url,
    bodyLimit: BODY_BYTES_MAX,
    config: { scheme: 'basic' },
    schema: { hide: true },
    // When the body has been read: a client that still sends one would not see the answer. Some fetch the id with a GET.
    preValidation: async (request, reply) => {
      if (request.headers[SESSION_HEADER] !== sessionId)
        return sendText(reply.header(SESSION_HEADER, sessionId), 409, RESEND);
      if (request.method !== 'POST') return sendText(reply.header('allow', 'POST'), 405, 'Use POST.');
    },
    handler: async (request, reply) => {
      const body = await call(readRequest(request.body));
      // As text: which fields it has is for the caller to say.
      return reply.type('application/json; charset=utf-8').send(JSON.stringify(body));
    },
  });
}

/** Clients send JSON under any media type: curl's is that of forms. */
function addParser(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.addContentTypeParser('*', { parseAs: 'string' }, (request, body, done) => {
    void parse(request, body as string, done);
  });
}

function refuse(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof RpcError)
    return reply.type('application/json').send(JSON.stringify({ arguments: {}, result: error.message }));
  if (error.statusCode !== undefined && error.statusCode < 500)
    return sendText(reply, error.statusCode, error.message);
  request.log.error({ err: error }, 'a call of the Transmission RPC failed');
  return sendText(reply, 500, 'This is a fault in the service; its log says more.');
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

const PATH = '/transmission/rpc';
const SESSION_HEADER = 'x-transmission-session-id';
const RESEND = 'Send the request again with the X-Transmission-Session-Id of this answer.';
/** As for an order of our own API: a torrent file, in base64. */
const BODY_BYTES_MAX: number = 16 * 1024 * 1024;

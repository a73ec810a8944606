import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { readDashboardFiles } from '../dashboard-files.ts';
import type { DashboardFile, DashboardFiles } from '../dashboard-files.ts';
import { sendProblem } from '../errors.ts';

/**
 * The page for people, at the root. It is open: it holds what every copy of this package holds, asks for the token, and gets everything
 * else from the API.
 */
export function addDashboardRoutes(fastify: FastifyInstance): void {
  let files: DashboardFiles | undefined;
  const open = { config: { open: true }, schema: { hide: true } };
  fastify.get('/', open, (request, reply) => {
    files ??= readDashboardFiles();
    if (files === undefined)
      return sendProblem(
        reply,
        'route-unknown',
        'This copy was built without the page; /docs shows the API.',
      );
    return send(request, reply.headers(PAGE_HEADERS), files.index);
  });
  fastify.get<{ Params: { name: string } }>('/assets/:name', open, (request, reply) => {
    files ??= readDashboardFiles();
    const file = files?.assets.get(request.params.name);
    if (file === undefined)
      return sendProblem(reply, 'route-unknown', 'The page has no such file; load it again.');
    return send(request, reply.headers(ASSET_HEADERS), file);
  });
}

function send(request: FastifyRequest, reply: FastifyReply, file: DashboardFile): FastifyReply {
  void reply.header('etag', file.etag).header('vary', 'accept-encoding');
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  void reply.type(file.type);
  if (!/\bgzip\b/.test(request.headers['accept-encoding'] ?? '')) return reply.send(file.bytes);
  return reply.header('content-encoding', 'gzip').send(file.gzipped);
}

const COMMON_HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
/** Only what this server sends, and calls to it alone; nobody frames it. */
const PAGE_HEADERS = {
  ...COMMON_HEADERS,
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-cache',
};
/** Their names change with their content. */
const ASSET_HEADERS = { ...COMMON_HEADERS, 'cache-control': 'public, max-age=31536000, immutable' };

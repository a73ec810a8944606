import type { FastifyInstance } from 'fastify';

import { REFERENCE_PAGE_POLICY, referencePage } from '../reference-page.ts';
import { answers } from './answers.ts';

/** The OpenAPI document, and a page of it. The page is open: it holds what every copy of this package holds, and nothing of this machine. */
export function addDocumentRoutes(fastify: FastifyInstance): void {
  let page: string | undefined;
  fastify.get(
    '/v1/openapi.json',
    {
      schema: {
        tags: ['Service'],
        summary: 'This document',
        operationId: 'getDocument',
        response: answers({
          200: { description: 'OpenAPI 3.1', content: { 'application/json': { schema: {} } } },
        }),
      },
    },
    // As text: it is not ours to say by a schema which fields it has.
    (_request, reply) => reply.type('application/json').send(JSON.stringify(fastify.swagger())),
  );
  fastify.get('/docs', { config: { open: true }, schema: { hide: true } }, (_request, reply) => {
    page ??= referencePage(fastify.swagger());
    return reply
      .header('content-security-policy', REFERENCE_PAGE_POLICY)
      .header('x-content-type-options', 'nosniff')
      .type('text/html; charset=utf-8')
      .send(page);
  });
}

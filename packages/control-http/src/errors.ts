import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { makeProblem, ServiceError } from './problem.ts';
import { KnownPaths } from './routes/known-paths.ts';
import type { ProblemCode } from './problem.ts';

/** Answers with a problem. */
export function sendProblem(
  reply: FastifyReply,
  code: ProblemCode,
  detail: string,
  pointer?: string,
): FastifyReply {
  const problem = makeProblem(code, detail, pointer);
  // As text, so that it needs no schema of the route's.
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
}

/** Makes every failure of the instance's routes a problem, and what is no route too. Must be called before there are routes. */
export function addErrors(fastify: FastifyInstance): void {
  const known = new KnownPaths(fastify);
  fastify.setErrorHandler((error: FastifyError, request, reply) => answer(error, request, reply));
  // Before anybody looks for a body.
  fastify.addHook('onRequest', async (request, reply) => {
    if (request.is404) return sendMissing(request, reply, known);
  });
  fastify.setNotFoundHandler((request, reply) => sendMissing(request, reply, known));
}

function sendMissing(request: FastifyRequest, reply: FastifyReply, known: KnownPaths): FastifyReply {
  const path = pathOf(request);
  const methods = known.methodsOf(path).join(', ');
  const missing = `There is no ${request.method} ${path}`;
  if (methods === '') return sendProblem(reply, 'route-unknown', `${missing}; see /docs.`);
  return sendProblem(
    reply.header('allow', methods),
    'method-unknown',
    `${missing}, but ${methods}; see /docs.`,
  );
}

/** Without what stands behind a question mark, which is nobody's business. */
export function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0]!;
}

function answer(error: FastifyError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof ServiceError) return sendProblem(reply, error.code, error.message, error.pointer);
  if (error.validation !== undefined) {
    const [first] = error.validation;
    return sendProblem(reply, 'request-invalid', error.message, first?.instancePath);
  }
  const code = CODES[error.code];
  if (code !== undefined) return sendProblem(reply, code, error.message);
  if (error.statusCode !== undefined && error.statusCode < 500)
    return sendProblem(reply, 'request-invalid', error.message);
  request.log.error({ err: error, path: pathOf(request) }, 'a call failed');
  return sendProblem(reply, 'internal-fault', 'This is a fault in the service; its log says more.');
}

/** What the framework itself finds wrong. */
const CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media-type-wrong',
};

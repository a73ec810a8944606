import { answers, nothing } from './answers.ts';
import type { RouteContext } from './route-context.ts';

/** Ends the service: the only way to end it cleanly where there is no SIGTERM. */
export function addStopRoute({ fastify }: RouteContext, onStop: () => void): void {
  fastify.post(
    '/v1/stop',
    {
      schema: {
        tags: ['Service'],
        summary: 'End the service, cleanly',
        description:
          'It ends within five seconds. What is ordered stays ordered, and goes on at the next start.',
        operationId: 'stopService',
        response: answers({ 204: nothing('It is ending') }),
      },
    },
    async (_request, reply) => {
      // Not before whoever asked has the answer.
      reply.raw.once('close', onStop);
      return reply.code(204).send();
    },
  );
}

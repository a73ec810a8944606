import { record } from '../schemas/json-schema.ts';
import { placePath } from '../schemas/orders.ts';
import { answers, body } from './answers.ts';
import type { RouteContext } from './route-context.ts';

/** What the service tells about itself. */
export function addViewRoutes({ fastify, service, streams, metrics, rates }: RouteContext): void {
  fastify.get(
    '/v1/engine',
    {
      schema: {
        tags: ['Service'],
        summary: 'The engine',
        operationId: 'getEngine',
        response: answers({ 200: body('EngineView', 'Totals over all payloads') }),
      },
    },
    () => service.engine(),
  );
  fastify.get(
    '/v1/site',
    {
      schema: {
        tags: ['Service'],
        summary: 'The site',
        operationId: 'getSite',
        response: answers({ 200: body('SiteView', 'The site as this machine sees it') }),
      },
    },
    () => service.site(),
  );
  fastify.get<{ Querystring: { path?: string } }>(
    '/v1/space',
    {
      schema: {
        tags: ['Service'],
        summary: 'Room for payloads',
        operationId: 'getSpace',
        querystring: record({}, { path: placePath }),
        response: answers({ 200: body('SpaceView', 'Of the file system that holds the directory') }),
      },
    },
    ({ query: { path } }) => service.space(path),
  );
  fastify.get(
    '/v1/rates',
    {
      schema: {
        tags: ['Service'],
        summary: 'Rates of the last hour',
        description: 'Over all payloads, by how near the peers were; for plots.',
        operationId: 'getRates',
        response: answers({ 200: body('RatesView', 'A sample every few seconds') }),
      },
    },
    () => rates.view(),
  );
  fastify.get(
    '/v1/events',
    {
      schema: {
        tags: ['Service'],
        summary: 'What happens, as server-sent events',
        description: EVENTS,
        operationId: 'streamEvents',
        headers: { type: 'object', properties: { 'last-event-id': { type: 'string', maxLength: 100 } } },
        response: answers(
          {
            200: {
              description: 'Until either side ends it',
              content: { 'text/event-stream': { schema: { type: 'string' } } },
            },
          },
          [503],
        ),
      },
    },
    (request, reply) => {
      streams.open(request, reply);
    },
  );
  fastify.get(
    '/metrics',
    {
      schema: {
        tags: ['Service'],
        summary: 'Figures for Prometheus',
        operationId: 'getMetrics',
        response: answers({
          200: { description: 'Text format', content: { 'text/plain': { schema: { type: 'string' } } } },
        }),
      },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  );
  fastify.get(
    '/healthz',
    {
      config: { open: true },
      schema: {
        tags: ['Service'],
        summary: 'Alive; needs no token',
        operationId: 'getHealth',
        security: [],
        response: answers({ 200: body('Health', 'It answers') }),
      },
    },
    () => ({ status: 'ok' }),
  );
}

const EVENTS = `Events are named as their \`type\`. Those with an id are kept for a while: a client that comes back with \`Last-Event-ID\` gets
what it missed, or an event \`reset\` if that is not kept any more or the service started anew; then it should read everything again.
\`hello\` says that nothing is missing up to here.
\`progress\` has no id: it carries the statuses that changed, at most once a second. Nor has \`engine\`, the totals as of \`/v1/engine\`: once a
second while they change, else every five.`;

import type { RateLimits } from '@brine/swarm';

import type { NamedOrder, PayloadOrder } from '../payload-service.ts';
import { ServiceError } from '../problem.ts';
import { record, refer } from '../schemas/json-schema.ts';
import { name } from '../schemas/orders.ts';
import { answers, body, nothing } from './answers.ts';
import type { RouteContext } from './route-context.ts';

const TAGS = ['Payloads'];
const params = record({ name });
/** A torrent of a million files has about 60 MB; those that people make have less than one. */
const ORDER_BYTES_MAX: number = 16 * 1024 * 1024;
const ONLY_BYTES_MAX: number = 64 * 1024 * 1024;
const LIMITS_BYTES_MAX: number = 64 * 1024;
const WRITES = [409, 413, 415, 422, 503];

interface Named {
  readonly Params: { readonly name: string };
}

/** Orders, and how they fare. */
export function addPayloadRoutes({ fastify, service }: RouteContext): void {
  fastify.get(
    '/v1/payloads',
    {
      schema: {
        tags: TAGS,
        summary: 'All payloads',
        operationId: 'listPayloads',
        response: answers({ 200: body('PayloadList', 'In the order of their names') }),
      },
    },
    () => ({ payloads: service.list() }),
  );

  fastify.put<{ Body: { payloads: readonly NamedOrder[]; allowEmpty?: boolean } }>(
    '/v1/payloads',
    {
      bodyLimit: ONLY_BYTES_MAX,
      schema: {
        tags: TAGS,
        summary: 'Only these payloads',
        description:
          'Orders all that are listed and removes all others with what was created for them, or does nothing at all. An empty list is refused unless `allowEmpty` says that it is meant.',
        operationId: 'onlyPayloads',
        body: refer('OnlyOrder'),
        response: answers({ 200: body('OnlyOutcome', 'The orders are kept') }, WRITES),
      },
    },
    async ({ body: { payloads, allowEmpty } }) => {
      if (payloads.length === 0 && allowEmpty !== true)
        throw new ServiceError(
          'only-empty',
          'The list is empty, which would remove every payload. If that is meant, send "allowEmpty": true.',
          { pointer: '/payloads' },
        );
      refuseTwins(payloads);
      return service.only(payloads);
    },
  );

  fastify.get<Named>(
    '/v1/payloads/:name',
    {
      schema: {
        tags: TAGS,
        summary: 'One payload',
        operationId: 'getPayload',
        params,
        response: answers({ 200: body('PayloadDetails', 'Its status and more') }, [404]),
      },
    },
    ({ params: { name } }) => {
      const payload = service.get(name);
      if (payload === undefined)
        throw new ServiceError('payload-unknown', `There is no payload "${name}" here.`);
      return payload;
    },
  );

  fastify.put<Named & { Body: PayloadOrder }>(
    '/v1/payloads/:name',
    {
      bodyLimit: ORDER_BYTES_MAX,
      schema: {
        tags: TAGS,
        summary: 'Order a payload',
        description:
          'Have this payload. The same order again changes nothing. Other content under the same name replaces what was there. Answers as soon as the order is on disk; the transfer goes on by itself.',
        operationId: 'putPayload',
        params,
        body: refer('PayloadOrder'),
        response: answers(
          { 200: body('PutOutcome', 'It was ordered before'), 201: body('PutOutcome', 'It is new') },
          WRITES,
        ),
      },
    },
    async ({ params: { name }, body: order }, reply) => {
      const outcome = await service.put(name, order);
      return reply.code(outcome.outcome === 'created' ? 201 : 200).send(outcome);
    },
  );

  fastify.delete<Named & { Querystring: { data?: 'delete' | 'keep' } }>(
    '/v1/payloads/:name',
    {
      schema: {
        tags: TAGS,
        summary: 'Remove a payload',
        description:
          'Deletes what was created for it and nothing else; with `data=keep`, what is complete stays where it is.',
        operationId: 'removePayload',
        params,
        querystring: record({}, { data: { type: 'string', enum: ['delete', 'keep'] } }),
        response: answers({ 204: nothing('It is forgotten') }, [404, 503]),
      },
    },
    async ({ params: { name }, query: { data } }, reply) => {
      await service.remove(name, { data: data !== 'keep' });
      return reply.code(204).send();
    },
  );

  fastify.put<Named & { Body: RateLimits }>(
    '/v1/payloads/:name/limits',
    {
      bodyLimit: LIMITS_BYTES_MAX,
      schema: {
        tags: TAGS,
        summary: 'Limit one payload',
        description: 'Both directions: what is left out is unlimited. The rest of the order stays as it is.',
        operationId: 'putPayloadLimits',
        params,
        body: refer('RateLimits'),
        response: answers({ 200: body('PayloadStatus', 'Its status now') }, [404, 413, 415, 422, 503]),
      },
    },
    ({ params: { name }, body: limits }) => service.setPayloadLimits(name, limits),
  );

  for (const [verb, summary] of [
    ['pause', 'Take a payload off the network'],
    ['resume', 'Let a payload go on'],
    ['verify', 'Hash everything on disk again'],
    ['announce', 'Ask the trackers for peers, as early as they allow'],
  ] as const) {
    const accepted = verb === 'verify' ? 202 : 200;
    fastify.post<Named>(
      `/v1/payloads/:name/${verb}`,
      {
        bodyLimit: 1_024,
        schema: {
          tags: TAGS,
          summary,
          operationId: `${verb}Payload`,
          params,
          response: answers({ [accepted]: body('PayloadStatus', 'Its status now') }, [404, 409, 503]),
        },
      },
      async ({ params: { name } }, reply) => reply.code(accepted).send(await service[verb](name)),
    );
  }
}

function refuseTwins(orders: readonly NamedOrder[]): void {
  const seen = new Set<string>();
  for (const [at, { name }] of orders.entries()) {
    if (seen.has(name))
      throw new ServiceError('order-conflicts', `"${name}" is listed twice.`, { pointer: `/payloads/${at}` });
    seen.add(name);
  }
}

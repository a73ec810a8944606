import type { NamedOrder, PayloadOrder, RateLimitsOrder } from '../payload-service.ts';
import { ServiceError } from '../problem.ts';
import { record, refer } from '../schemas/json-schema.ts';
import { name } from '../schemas/orders.ts';
import { answers, body, nothing } from './answers.ts';
import { DRY_RUN, isDryRun } from './dry-run.ts';
import type { DryRunQuery } from './dry-run.ts';
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

  fastify.put<Named & DryRunQuery & { Body: PayloadOrder }>(
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
        querystring: DRY_RUN,
        body: refer('PayloadOrder'),
        response: answers(
          {
            200: body('PutOutcome', 'It was ordered before, or this is a dry run'),
            201: body('PutOutcome', 'It is new'),
          },
          WRITES,
        ),
      },
    },
    async ({ params: { name }, query, body: order }, reply) => {
      const dryRun = isDryRun(query);
      const outcome = await service.put(name, order, { dryRun });
      return reply.code(outcome.outcome === 'created' && !dryRun ? 201 : 200).send(outcome);
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

  fastify.put<Named & { Body: RateLimitsOrder }>(
    '/v1/payloads/:name/limits',
    {
      bodyLimit: LIMITS_BYTES_MAX,
      schema: {
        tags: TAGS,
        summary: 'Limit one payload',
        description: 'Both directions: what is left out is unlimited. The rest of the order stays as it is.',
        operationId: 'putPayloadLimits',
        params,
        body: refer('RateLimitsOrder'),
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

  fastify.post<Named & { Body: { peers: readonly string[] } }>(
    '/v1/payloads/:name/peers',
    {
      schema: {
        tags: TAGS,
        summary: 'Tell a payload of peers',
        description: 'As a tracker would: they are tried at once, and are no part of the order.',
        operationId: 'addPeers',
        params,
        body: refer('PeerOrder'),
        response: answers({ 200: body('PayloadStatus', 'Its status now') }, [404, 409, 413, 415, 422, 503]),
      },
    },
    ({ params: { name }, body: { peers } }) => service.addPeers(name, peers),
  );

  fastify.put<Named & { Body: { infohash: string } }>(
    '/v1/payloads/:name/acknowledgement',
    {
      schema: {
        tags: TAGS,
        summary: 'Acknowledge that a payload is complete',
        description:
          'Kept until other content is ordered under this name, so that whoever acts on completion can do it once. Refused while the payload is not complete, or is other content than this.',
        operationId: 'acknowledgePayload',
        params,
        body: refer('Acknowledgement'),
        response: answers({ 200: body('PayloadStatus', 'Its status now') }, [404, 409, 413, 415, 503]),
      },
    },
    ({ params: { name }, body: { infohash } }) => service.acknowledge(name, infohash.toLowerCase()),
  );

  fastify.delete<Named>(
    '/v1/payloads/:name/acknowledgement',
    {
      schema: {
        tags: TAGS,
        summary: 'Take the acknowledgement back',
        operationId: 'unacknowledgePayload',
        params,
        response: answers({ 200: body('PayloadStatus', 'Its status now') }, [404, 503]),
      },
    },
    ({ params: { name } }) => service.unacknowledge(name),
  );
}

function refuseTwins(orders: readonly NamedOrder[]): void {
  const seen = new Set<string>();
  for (const [at, { name }] of orders.entries()) {
    if (seen.has(name))
      throw new ServiceError('order-conflicts', `"${name}" is listed twice.`, { pointer: `/payloads/${at}` });
    seen.add(name);
  }
}

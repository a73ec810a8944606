import type { LimitOrder } from '../payload-service.ts';
import { refer } from '../schemas/json-schema.ts';
import { answers, body } from './answers.ts';
import { DRY_RUN, isDryRun } from './dry-run.ts';
import type { DryRunQuery } from './dry-run.ts';
import type { RouteContext } from './route-context.ts';

const TAGS = ['Limits'];
const BODY_BYTES_MAX: number = 256 * 1024;

/** Limits over all payloads. */
export function addLimitRoutes({ fastify, service }: RouteContext): void {
  fastify.get(
    '/v1/limits',
    {
      schema: {
        tags: TAGS,
        summary: 'The limits in force',
        operationId: 'getLimits',
        response: answers({ 200: body('LimitsView', 'All of them') }),
      },
    },
    () => service.limits(),
  );
  fastify.put<DryRunQuery & { Body: LimitOrder }>(
    '/v1/limits',
    {
      bodyLimit: BODY_BYTES_MAX,
      schema: {
        tags: TAGS,
        summary: 'Set the limits',
        description:
          'All of them: what is left out is unlimited. In force at once; kept, also instead of the configuration’s.',
        operationId: 'putLimits',
        querystring: DRY_RUN,
        body: refer('LimitOrder'),
        response: answers({ 200: body('LimitsView', 'As they are now') }, [413, 415, 422, 503]),
      },
    },
    ({ query, body: limits }) => service.setLimits(limits, { dryRun: isDryRun(query) }),
  );
  fastify.delete(
    '/v1/limits',
    {
      schema: {
        tags: TAGS,
        summary: 'Back to the limits of the configuration',
        operationId: 'resetLimits',
        response: answers({ 200: body('LimitsView', 'As they are now') }, [503]),
      },
    },
    () => service.setLimits(undefined),
  );
}

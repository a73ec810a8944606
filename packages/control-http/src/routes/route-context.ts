import type { FastifyInstance } from 'fastify';

import type { EventStreams } from '../event-streams.ts';
import type { Metrics } from '../metrics.ts';
import type { PayloadService } from '../payload-service.ts';
import type { RateHistory } from '../rate-history.ts';

/** What routes stand on. */
export interface RouteContext {
  readonly fastify: FastifyInstance;
  readonly service: PayloadService;
  readonly streams: EventStreams;
  readonly metrics: Metrics;
  readonly rates: RateHistory;
}

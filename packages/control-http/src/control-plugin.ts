import { randomBytes } from 'node:crypto';

import swagger from '@fastify/swagger';
import type { FastifyDynamicSwaggerOptions as SwaggerOptions } from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';

import type { ControlAdapter } from './control-adapter.ts';
import { addErrors } from './errors.ts';
import { EventRing } from './event-ring.ts';
import { EventStreams } from './event-streams.ts';
import { Metrics } from './metrics.ts';
import type { PayloadService } from './payload-service.ts';
import { RateHistory, SAMPLE_MS } from './rate-history.ts';
import { addDashboardRoutes } from './routes/dashboard-routes.ts';
import { addDocumentRoutes } from './routes/document-routes.ts';
import { addLimitRoutes } from './routes/limit-routes.ts';
import { addPayloadRoutes } from './routes/payload-routes.ts';
import { addStopRoute } from './routes/stop-route.ts';
import { addViewRoutes } from './routes/view-routes.ts';
import { SCHEMAS } from './schemas/all-schemas.ts';
import { addGates } from './security/gates.ts';
import { HostGate } from './security/host-gate.ts';
import { TokenGate } from './security/token-gate.ts';
import { addValidation } from './validation.ts';

/** How the API is offered. */
export interface ControlOptions {
  readonly service: PayloadService;
  /** What callers must send as `Authorization: Bearer`. At least 32 characters that nobody can guess. */
  readonly token: string;
  /** Names other than `localhost` by which the API may be called. Default: none. */
  readonly hosts?: readonly string[];
  /** Other APIs over the same service, like `transmissionRpc`. Default: none. */
  readonly adapters?: readonly ControlAdapter[];
  /** What `POST /v1/stop` does: it begins to end the service. Default: there is no such call. */
  readonly onStop?: () => void;
  /** Events that are kept for clients that come back. Default 1,000. */
  readonly eventsMax?: number;
  /** Streams of events open at once. Default 200. */
  readonly streamsMax?: number;
  /** The page for people at `/`; false leaves the root to others. Default true. */
  readonly dashboard?: boolean;
  /** Milliseconds, for counting wrong tokens. Default: the process's clock. */
  readonly nowMs?: () => number;
  /** Calls again and again until what it returned is called; for the progress in streams. Default: a timer. */
  readonly every?: (ms: number, call: () => void) => () => void;
}

/**
 * The API as a Fastify plugin: gates, routes, document, events, metrics. Everything stays within the plugin, so that it can live in a
 * server that has other things to do. Throws `RangeError` for a token that is too short.
 */
export async function controlHttp(fastify: FastifyInstance, options: ControlOptions): Promise<void> {
  const { service, token, hosts = [], nowMs = () => performance.now(), every = everyInterval } = options;
  if (token.length < TOKEN_LENGTH_MIN)
    throw new RangeError(
      `the token has ${token.length} characters; give at least ${TOKEN_LENGTH_MIN} random ones`,
    );
  addGates(fastify, { host: new HostGate(hosts), token: new TokenGate(token, nowMs) });
  addErrors(fastify);
  addValidation(fastify);
  for (const schema of SCHEMAS) fastify.addSchema(schema);
  await fastify.register(swagger, { openapi: DOCUMENT, refResolver: BY_NAME });
  const ring = new EventRing({
    epoch: randomBytes(6).toString('hex'),
    eventsMax: options.eventsMax ?? EVENTS_MAX,
  });
  const streams = new EventStreams({ service, ring, every, streamsMax: options.streamsMax ?? STREAMS_MAX });
  const metrics = new Metrics(service, () => streams.count);
  const rates = new RateHistory();
  const sample = (): void => rates.add(service.engine().traffic, nowMs());
  sample();
  const stopSampling = every(SAMPLE_MS, sample);
  // Before the server waits for its connections, which would wait for their streams.
  fastify.addHook('preClose', async () => {
    stopSampling();
    streams.close();
  });
  fastify.addHook('onResponse', async (request, reply) => {
    metrics.count({
      method: request.method,
      route: request.routeOptions.url ?? 'unknown',
      status: reply.statusCode,
      seconds: reply.elapsedTime / 1_000,
    });
  });
  const context = { fastify, service, streams, metrics, rates };
  addPayloadRoutes(context);
  addLimitRoutes(context);
  addViewRoutes(context);
  if (options.onStop !== undefined) addStopRoute(context, options.onStop);
  addDocumentRoutes(fastify);
  if (options.dashboard !== false) addDashboardRoutes(fastify);
  for (const adapter of options.adapters ?? [])
    await fastify.register(async (context) => adapter(context, service));
}

function everyInterval(ms: number, call: () => void): () => void {
  const timer = setInterval(call, ms);
  timer.unref();
  return () => clearInterval(timer);
}

const TOKEN_LENGTH_MIN = 32;
const EVENTS_MAX = 1_000;
const STREAMS_MAX = 200;
/** The version of the API, not of the package: it changes when a client must. */
export const API_VERSION = '1';
const DOCUMENT: NonNullable<SwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Brine control API',
    version: API_VERSION,
    description:
      'Orders payloads and tells how they fare. Declarative: say what is to be here, as often as you like. Every call but /healthz needs the token.',
  },
  components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
  security: [{ token: [] }],
};
/** Schemas keep their names in the document. */
const BY_NAME = {
  buildLocalReference: (schema: { $id?: unknown }, _base: unknown, _fragment: string, at: number): string =>
    typeof schema.$id === 'string' ? schema.$id : `schema-${at}`,
};

import type { FastifyInstance } from 'fastify';

import type { PayloadService } from './payload-service.ts';

/**
 * Another API over the same service, in a context of its own behind the same gates: the name in `Host`, the token, the count of wrong
 * ones. It adds its routes; `config: { scheme: 'basic' }` on one of them takes the token as the password of HTTP basic authentication.
 */
export type ControlAdapter = (fastify: FastifyInstance, service: PayloadService) => void;

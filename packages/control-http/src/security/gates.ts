import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { sendProblem } from '../errors.ts';
import type { HostGate } from './host-gate.ts';
import { RETRY_AFTER_SECONDS } from './token-gate.ts';
import type { TokenGate } from './token-gate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token: it tells nothing about this machine. */
    open?: boolean;
  }
}

/** Puts the gates before every route of the instance, and before what is no route. */
export function addGates(fastify: FastifyInstance, gates: { host: HostGate; token: TokenGate }): void {
  fastify.addHook('onRequest', async (request, reply) => {
    // Nobody rebinds a name to a socket in the file system.
    if (request.socket.remoteAddress !== undefined && !gates.host.allows(request.headers.host)) {
      return sendProblem(reply, 'host-refused', HOST_ADVICE);
    }
    if (request.routeOptions.config?.open === true) return;
    return checkToken(request, reply, gates.token);
  });
}

function checkToken(request: FastifyRequest, reply: FastifyReply, gate: TokenGate): FastifyReply | undefined {
  const verdict = gate.judge(request.headers.authorization, request.socket.remoteAddress ?? 'local');
  if (verdict === 'allowed') return undefined;
  if (verdict === 'too-many-attempts') void reply.header('retry-after', RETRY_AFTER_SECONDS);
  else void reply.header('www-authenticate', 'Bearer realm="brine"');
  // The body is not read, so the connection cannot go on.
  void reply.header('connection', 'close');
  return sendProblem(reply, verdict, ADVICE[verdict]);
}

const HOST_ADVICE =
  'Call the API by its address or as localhost, or add the name to the hosts that the configuration knows.';
const ADVICE = {
  'token-missing':
    'Send the header "Authorization: Bearer TOKEN"; agent.json names the file that holds the token.',
  'token-wrong': 'The token is not the one in the token file; read that file again.',
  'too-many-attempts': 'Wait, and read the token from its file again.',
} as const;

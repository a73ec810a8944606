import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { sendProblem } from '../errors.ts';
import { PROBLEMS } from '../problem.ts';
import type { HostGate } from './host-gate.ts';
import { RETRY_AFTER_SECONDS } from './token-gate.ts';
import type { Scheme, TokenGate } from './token-gate.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered without a token: it tells nothing about this machine. */
    open?: boolean;
    /** How the token is sent. Default: `bearer`. */
    scheme?: Scheme;
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
  const { scheme = 'bearer' } = request.routeOptions.config ?? {};
  const address = request.socket.remoteAddress ?? 'local';
  const verdict = gate.judge(request.headers.authorization, scheme, address);
  if (verdict === 'allowed') return undefined;
  if (verdict === 'too-many-attempts') void reply.header('retry-after', RETRY_AFTER_SECONDS);
  else void reply.header('www-authenticate', CHALLENGES[scheme]);
  // The body is not read, so the connection cannot go on.
  void reply.header('connection', 'close');
  if (scheme === 'bearer') return sendProblem(reply, verdict, ADVICE[verdict]);
  // Programs that ask for a password show what they get as it comes.
  return reply.code(PROBLEMS[verdict][0]).type('text/plain').send(`${BASIC_ADVICE[verdict]}\n`);
}

const HOST_ADVICE =
  'Call the API by its address or as localhost, or add the name to the hosts that the configuration knows.';
const CHALLENGES: Readonly<Record<Scheme, string>> = {
  bearer: 'Bearer realm="brine"',
  basic: 'Basic realm="Brine", charset="UTF-8"',
};
const ADVICE = {
  'token-missing':
    'Send the header "Authorization: Bearer TOKEN"; agent.json names the file that holds the token.',
  'token-wrong': 'The token is not the one in the token file; read that file again.',
  'too-many-attempts': 'Wait, and read the token from its file again.',
} as const;
const BASIC_ADVICE = {
  'token-missing':
    'A password is needed: the content of the token file that agent.json names. Any user name will do.',
  'token-wrong':
    'The password is wrong: it is the content of the token file that agent.json names. Read that file again.',
  'too-many-attempts': 'Too many wrong passwords. Wait a minute, and read the token file again.',
} as const;

import { ControlClient } from '@brine/control-http/client';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import { processOutput } from '../../terminal/output.ts';
import type { ConnectionOptions } from './connection.ts';
import { findAgent } from './connection.ts';

/**
 * `brine dashboard`: prints the address of the agent's page, with the token in the fragment. It starts no browser: the command line of one
 * is seen by everybody on the machine.
 */
export async function dashboard(options: ConnectionOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const access = await findAgent(options);
  const { url, token } = access;
  if (url.startsWith('unix:'))
    throw new CommandError(
      'agent-absent',
      ExitCode.usage,
      `The agent is at ${url}, where no browser can go. Set "api.listen" instead of "api.socket" to look at its page.`,
    );
  // Not an address at which nobody answers, or with a token that nobody takes.
  await new ControlClient(access).getEngine();
  const address = `${url.replace(/\/$/, '')}/#token=${encodeURIComponent(token)}`;
  processOutput.line(options.json === true ? JSON.stringify({ address }) : address);
  return ExitCode.done;
}

import { ControlClient } from '@brine/control-http/client';

import { ExitCode } from '../../exit-codes.ts';
import { processOutput } from '../../terminal/output.ts';
import type { ConnectionOptions } from './connection.ts';
import { findAgent } from './connection.ts';

/**
 * `brine dashboard`: prints the address of the agent's page, with the token in the fragment. It starts no browser: the command line of one
 * is seen by everybody on the machine.
 */
export async function dashboard(options: ConnectionOptions & { readonly json?: boolean }): Promise<ExitCode> {
  const { url, token } = await findAgent(options);
  // Not an address at which nobody answers, or with a token that nobody takes.
  await new ControlClient({ url, token }).getEngine();
  const address = `${url.replace(/\/$/, '')}/#token=${encodeURIComponent(token)}`;
  processOutput.line(options.json === true ? JSON.stringify({ address }) : address);
  return ExitCode.done;
}

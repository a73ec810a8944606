import { existsSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import type { ConnectionOptions } from './connection.ts';
import { openClient, stateOf } from './connection.ts';
import { print } from './status.ts';

/** `brine stop`: ends the agent as SIGTERM does, which Windows does not have. Waits until it has put everything away. */
export async function stop(options: ConnectionOptions & { readonly json?: boolean }): Promise<ExitCode> {
  await (await openClient(options)).stopService();
  const { lock } = stateOf(options);
  // One that is named by its address may be on another machine: there is nothing to look at.
  for (let waitedMs = 0; options.agent === undefined && existsSync(lock); waitedMs += LOOK_MS) {
    if (waitedMs >= WAIT_MAX_MS)
      throw new CommandError(
        'agent-running',
        ExitCode.failed,
        `The agent was asked to stop and still holds ${lock} after ${WAIT_MAX_MS / 1_000} s. Its log says what it is at.`,
      );
    await wait(LOOK_MS);
  }
  print(options, { stopped: true }, ['The agent has stopped.']);
  return ExitCode.done;
}

const LOOK_MS = 50;
const WAIT_MAX_MS = 10_000;

import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { ControlClient } from '@brine/control-http/client';

import { readAgentFile } from '../../agent/state/agent-file.ts';
import type { AgentFile } from '../../agent/state/agent-file.ts';
import { defaultStateDirectory } from '../../agent/state/default-places.ts';
import { StateDirectory } from '../../agent/state/state-directory.ts';
import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';

/** How the command finds the agent. */
export interface ConnectionOptions {
  /** Default: `BRINE_STATE`, or the platform's place. */
  readonly state?: string;
  /** Default: what `agent.json` says. */
  readonly agent?: string;
  readonly tokenFile?: string;
  /** Milliseconds that the agent may take to be there. Default 0. */
  readonly wait?: number;
}

/** Where the agent's API is, and what opens it. */
export interface AgentAccess {
  readonly url: string;
  readonly token: string;
}

/** A client of the agent that runs here, or at the address given. Rejects with `CommandError` `agent-absent`. */
export async function openClient(options: ConnectionOptions): Promise<ControlClient> {
  return new ControlClient(await findAgent(options));
}

/** The agent that runs here, or at the address given. Rejects with `CommandError` `agent-absent`. */
export async function findAgent(options: ConnectionOptions): Promise<AgentAccess> {
  const state = stateOf(options);
  const url = options.agent ?? (await waitForAgentFile(state.agentFile, options.wait ?? 0)).url;
  if (!/^https?:\/\//.test(url))
    throw new CommandError(
      'agent-absent',
      ExitCode.usage,
      `The agent is at ${url}, which this command cannot reach. Use http:// or https://; a Unix socket is for programs like curl.`,
    );
  return { url, token: await readToken(options.tokenFile ?? state.token) };
}

/** It is written when the API answers. */
async function waitForAgentFile(file: string, waitMs: number): Promise<AgentFile> {
  for (let waitedMs = 0; ; waitedMs += LOOK_MS) {
    try {
      return await readAgentFile(file);
    } catch (error) {
      if (waitedMs >= waitMs) throw error;
    }
    await wait(LOOK_MS);
  }
}

/** The state directory of the agent that is meant. */
export function stateOf({ state }: ConnectionOptions): StateDirectory {
  return new StateDirectory(state ?? (process.env['BRINE_STATE'] || defaultStateDirectory()));
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new CommandError(
      'agent-absent',
      ExitCode.disk,
      `The agent's token cannot be read: ${(error as Error).message}. Run as the agent's user, or name the file with --token-file.`,
      { cause: error },
    );
  }
}

const LOOK_MS = 100;

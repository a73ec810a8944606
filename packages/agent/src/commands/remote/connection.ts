import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { ControlClient } from '@brine/control-http/client';
import { nodeFetch } from '@brine/control-http/client/node';

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
  /** Certificates of authorities that are trusted, a PEM file. Default: the agent's own if it runs here, otherwise the platform's. */
  readonly ca?: string;
}

/** Where the agent's API is, and what opens it. */
export interface AgentAccess {
  readonly url: string;
  readonly token: string;
  /** For ways that the platform's does not know. */
  readonly fetch?: typeof fetch;
}

/** A client of the agent that runs here, or at the address given. Rejects with `CommandError` `agent-absent`. */
export async function openClient(options: ConnectionOptions): Promise<ControlClient> {
  return new ControlClient(await findAgent(options));
}

/** The agent that runs here, or at the address given. Rejects with `CommandError` `agent-absent`. */
export async function findAgent(options: ConnectionOptions): Promise<AgentAccess> {
  const state = stateOf(options);
  const here: Pick<AgentFile, 'url' | 'certificateFile'> =
    options.agent === undefined
      ? await waitForAgentFile(state.agentFile, options.wait ?? 0)
      : { url: options.agent };
  const { url } = here;
  if (!/^(https?:\/\/|unix:\/)/.test(url))
    throw new CommandError(
      'agent-absent',
      ExitCode.usage,
      `The agent cannot be at "${url}". Write http://HOST:PORT, https://HOST:PORT or unix:/PATH.`,
    );
  const fetch = await fetchFor(here, options.ca);
  const token = await readToken(options.tokenFile ?? state.token);
  return { url, token, ...(fetch === undefined ? {} : { fetch }) };
}

/** The agent of this machine is known by its very certificate, whoever signed it. */
async function fetchFor(
  { url, certificateFile }: Pick<AgentFile, 'url' | 'certificateFile'>,
  ca: string | undefined,
): Promise<typeof fetch | undefined> {
  if (url.startsWith('unix:')) return nodeFetch({ socketPath: url.slice('unix:'.length) });
  if (ca !== undefined) return nodeFetch({ ca: await readCertificate(ca) });
  if (certificateFile === undefined) return undefined;
  return nodeFetch({ certificate: await readCertificate(certificateFile) });
}

async function readCertificate(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new CommandError(
      'agent-absent',
      ExitCode.disk,
      `The certificate cannot be read: ${(error as Error).message}. Name a file of authorities that are to be trusted with --ca.`,
      { cause: error },
    );
  }
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

import { readFile } from 'node:fs/promises';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';

/** `agent.json`: how programs on this machine find the agent. */
export interface AgentFile {
  /** `http://127.0.0.1:7420`, or `unix:` and a path. */
  readonly url: string;
  readonly tokenFile: string;
  /** PEM; there if the API speaks TLS. */
  readonly certificateFile?: string;
  readonly apiVersion: string;
  readonly pid: number;
  /** Of the agent. */
  readonly version: string;
  /** The site that this machine is at, as far as known at the start. */
  readonly site?: string;
  readonly startedAt: string;
}

/** Rejects with `CommandError` `agent-absent`. */
export async function readAgentFile(file: string): Promise<AgentFile> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as AgentFile;
  } catch (error) {
    const isClosed = CLOSED.has((error as NodeJS.ErrnoException).code ?? '');
    throw new CommandError(
      'agent-absent',
      ExitCode.network,
      isClosed
        ? `${file} may not be read by this user. Run as the agent's user, or as ${process.platform === 'win32' ? 'an administrator' : 'root'}.`
        : `No agent runs here: there is no ${file}. Start one with \`brine agent\`, or name its state directory with --state.`,
      { cause: error },
    );
  }
}

const CLOSED: ReadonlySet<string> = new Set(['EACCES', 'EPERM']);

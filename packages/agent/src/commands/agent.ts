import { delimiter, resolve } from 'node:path';

import { pino } from 'pino';

import { runAgent } from '../agent/run-agent.ts';
import { readSettings } from '../agent/settings/read-settings.ts';
import { ExitCode } from '../exit-codes.ts';
import { StopRequest } from '../stop-request.ts';
import { processOutput } from '../terminal/output.ts';

/** The options of `agent` as the command line hands them over. */
export interface AgentOptions {
  readonly config?: string;
  readonly state?: string;
  readonly root?: readonly string[];
  readonly listen?: string;
  readonly api?: string;
  readonly exitWhenIdle?: string | true;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** `brine agent`: runs until asked to stop. Logs to stderr, JSON Lines. */
export async function agent(options: AgentOptions, version: string): Promise<ExitCode> {
  const settings = await readSettings({
    environment: process.env,
    isTerminal: process.stderr.isTTY,
    set: settingsOf(options),
    ...(options.config === undefined ? {} : { config: options.config }),
  });
  const log = pino({ level: settings.log, base: null }, pino.destination({ fd: 2, sync: true }));
  await runAgent({
    settings,
    version,
    log,
    stop: new StopRequest(),
    ready: ({ url, pid }) =>
      processOutput.line(
        options.json === true
          ? JSON.stringify({ event: 'ready', url, pid, state: settings.state })
          : `The agent is ready: ${url}`,
      ),
  });
  return ExitCode.done;
}

/** The command line's own words for some settings. */
function settingsOf({ state, root, listen, api, exitWhenIdle, set = [] }: AgentOptions): readonly string[] {
  const own: [string, string | undefined][] = [
    ['state', state === undefined ? undefined : resolve(state)],
    ['roots', root?.map((each) => resolve(each)).join(delimiter)],
    ['listen', listen],
    ['api.listen', api],
    ['exit-when-idle', exitWhenIdle === true ? IDLE_DEFAULT : exitWhenIdle],
  ];
  return [...own.flatMap(([key, value]) => (value === undefined ? [] : [`${key}=${value}`])), ...set];
}

const IDLE_DEFAULT = '5m';

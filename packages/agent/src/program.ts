import { readFileSync } from 'node:fs';

import { Command, CommanderError } from 'commander';

import { agentCommand } from './command-line/agent-command.ts';
import { createCommand } from './command-line/create-command.ts';
import { getCommand } from './command-line/get-command.ts';
import { infoCommand } from './command-line/info-command.ts';
import { planCommand } from './command-line/plan-command.ts';
import {
  addCommand,
  dashboardCommand,
  limitsCommand,
  pauseCommand,
  removeCommand,
  resumeCommand,
  statusCommand,
  stopCommand,
  watchCommand,
} from './command-line/remote-commands.ts';
import { seedCommand } from './command-line/seed-command.ts';
import { verifyCommand } from './command-line/verify-command.ts';
import { EXIT_CODES_HELP, ExitCode } from './exit-codes.ts';
import { describeFailure } from './failure.ts';
import { processOutput, watchForClosedOutput } from './terminal/output.ts';

/**
 * Runs the `brine` command that `process.argv` holds, and sets the process's exit code. Every subcommand is described before,
 * but loads its own code only when it runs: a command that prints help never loads the engine.
 */
export async function runProgram(): Promise<void> {
  watchForClosedOutput(() => process.exit(ExitCode.done));
  try {
    await compose().parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    end(error.exitCode === 0 ? ExitCode.done : ExitCode.usage);
  }
}

function compose(): Command {
  const program = new Command('brine')
    .description('Brings files and folders from one machine to many, verified piece by piece.')
    .version(versionOfPackage(), '-V, --version')
    .addHelpText('after', EXAMPLES);
  for (const make of COMMANDS) {
    program.addCommand(make(finish));
  }
  for (const command of [program, ...program.commands]) {
    command
      .exitOverride()
      .addHelpText('after', `\n${EXIT_CODES_HELP}`)
      .showHelpAfterError(
        `Run "brine ${command === program ? '' : `${command.name()} `}--help" to see what is possible.`,
      )
      .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'brine: ')) });
  }
  return program;
}

async function finish(work: () => Promise<ExitCode>): Promise<void> {
  try {
    end(await work());
  } catch (error) {
    const failure = describeFailure(error);
    if (process.argv.includes('--json')) {
      processOutput.line(JSON.stringify({ event: 'error', code: failure.code, message: failure.message }));
    }
    processOutput.trouble(failure.message);
    if (process.env['BRINE_DEBUG'] !== undefined) console.error(error);
    end(failure.exitCode);
  }
}

/** Lets the output drain and what is still open close; after a moment nothing keeps the process any longer. */
function end(exitCode: ExitCode): void {
  process.exitCode = exitCode;
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
}

function versionOfPackage(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

const COMMANDS = [
  createCommand,
  seedCommand,
  getCommand,
  infoCommand,
  verifyCommand,
  planCommand,
  agentCommand,
  statusCommand,
  addCommand,
  removeCommand,
  pauseCommand,
  resumeCommand,
  limitsCommand,
  watchCommand,
  dashboardCommand,
  stopCommand,
];
const EXIT_GRACE_MS = 500;
const EXAMPLES = `
Examples:
  brine create ./maps -o maps.torrent             describe a folder
  brine seed maps.torrent --path .                serve it from here
  brine get maps.torrent --path /srv --peer seed.example:6881`;

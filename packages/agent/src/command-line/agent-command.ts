import { Command } from 'commander';

import type { Finish } from './finish.ts';

/** `brine agent`: options and help; the work is in `commands/agent.ts`. */
export function agentCommand(finish: Finish): Command {
  return new Command('agent')
    .summary('run the agent that carries out orders')
    .description(
      'Runs until SIGTERM or Ctrl-C. Keeps payloads as they are ordered over its HTTP API or by `brine add`; every order is on disk\n' +
        'before it is answered. Settings come from --set, the options below, BRINE_* and the configuration file, in this order.',
    )
    .option(
      '--config <file>',
      'configuration in YAML; see docs/agent.md (default: the platform’s, if it is there)',
    )
    .option('--state <dir>', 'directory for everything that the agent remembers')
    .option('--root <dir>', 'payloads may stand below this directory; repeatable', collect)
    .option('--listen <host:port>', 'address for peers')
    .option('--api <host:port>', 'address of the API (default: 127.0.0.1:7420)')
    .option('--exit-when-idle [duration]', 'end after so long without work (default: 5m)')
    .option('--set <key=value>', 'any setting; repeatable', collect)
    .option('--json', 'JSON Lines on stdout, for programs')
    .addHelpText(
      'after',
      `
Examples:
  brine agent --root /srv/payloads
  brine agent --config /etc/brine/agent.yaml --exit-when-idle 10m`,
    )
    .action((options, command: Command) =>
      finish(async () =>
        (await import('../commands/agent.ts')).agent(options, command.parent?.version() ?? ''),
      ),
    );
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

import { Command, Option } from 'commander';

import { parseDuration } from '../units/duration.ts';
import { parseRate } from '../units/rate.ts';
import { parseRateOrSchedule } from '../units/schedule.ts';
import { addressArgument, argumentParser, collector, urlArgument } from './arguments.ts';
import type { Finish } from './finish.ts';

const limit = argumentParser((text) => parseRateOrSchedule(text) ?? 'unlimited');

/** `brine status`. */
export function statusCommand(finish: Finish): Command {
  return remote('status', 'what the agent has and does')
    .argument('[name]', 'one payload, closely')
    .addHelpText('after', examples('brine status', 'brine status maps --json'))
    .action((name: string | undefined, options) =>
      finish(async () => (await import('../commands/remote/status.ts')).status(name, options)),
    );
}

/** `brine add`. */
export function addCommand(finish: Finish): Command {
  return remote('add', 'order a payload from the agent')
    .argument('<name>', 'what it is to be called')
    .argument('<content>', 'a .torrent file, a magnet link or an info-hash')
    .option('--path <dir>', 'where it is to stand, below one of the agent’s roots (default: the first root)')
    .addOption(
      new Option('--mode <mode>', 'adopt: complete what stands there; seed: serve what stands there').choices(
        ['download', 'adopt', 'seed'],
      ),
    )
    .option('--peer <host:port>', 'a peer to begin with; repeatable', collector(addressArgument))
    .option('--tracker <url>', 'a tracker; repeatable', collector(urlArgument(['http', 'https', 'udp'])))
    .option('--down <rate>', 'limit for receiving', argumentParser(parseRate))
    .option('--up <rate>', 'limit for sending', argumentParser(parseRate))
    .option('--paused', 'do not begin yet')
    .addHelpText(
      'after',
      examples('brine add maps maps.torrent --path /srv/payloads --peer seed.example:6881'),
    )
    .action((name: string, content: string, options) =>
      finish(async () => (await import('../commands/remote/add.ts')).add(name, content, options)),
    );
}

/** `brine remove`. */
export function removeCommand(finish: Finish): Command {
  return remote('remove', 'have the agent forget payloads and delete what it created for them')
    .argument('<name...>')
    .option('--keep-data', 'complete payloads stay where they are')
    .addHelpText('after', examples('brine remove maps'))
    .action((names: string[], options) =>
      finish(async () => (await import('../commands/remote/change.ts')).remove(names, options)),
    );
}

/** `brine pause`. */
export function pauseCommand(finish: Finish): Command {
  return remote('pause', 'take payloads of the agent off the network')
    .argument('<name...>')
    .addHelpText('after', examples('brine pause maps films'))
    .action((names: string[], options) =>
      finish(async () => (await import('../commands/remote/change.ts')).setRunning(names, false, options)),
    );
}

/** `brine resume`. */
export function resumeCommand(finish: Finish): Command {
  return remote('resume', 'let payloads of the agent go on')
    .argument('<name...>')
    .addHelpText('after', examples('brine resume maps'))
    .action((names: string[], options) =>
      finish(async () => (await import('../commands/remote/change.ts')).setRunning(names, true, options)),
    );
}

/** `brine limits`. */
export function limitsCommand(finish: Finish): Command {
  return remote('limits', 'show or change the agent’s limits')
    .option('--down <rate|schedule>', 'for receiving; unlimited lifts it', limit)
    .option('--up <rate|schedule>', 'for sending', limit)
    .option('--wan-down <rate|schedule>', 'for receiving from other sites', limit)
    .option('--wan-up <rate|schedule>', 'for sending to other sites', limit)
    .option('--reset', 'back to what is configured')
    .addHelpText(
      'after',
      examples('brine limits', "brine limits --wan-down 'mon-fri 08:00-18:00 2mbit; 20mbit'"),
    )
    .action((options) => finish(async () => (await import('../commands/remote/limits.ts')).limits(options)));
}

/** `brine stop`. */
export function stopCommand(finish: Finish): Command {
  return remote('stop', 'end the agent, cleanly')
    .addHelpText('after', examples('brine stop', 'brine stop --state /var/lib/brine'))
    .action((options) => finish(async () => (await import('../commands/remote/stop.ts')).stop(options)));
}

/** `brine watch`. */
export function watchCommand(finish: Finish): Command {
  return remote('watch', 'tell what happens in the agent')
    .argument('[name...]', 'only these payloads')
    .option('--until-complete', 'end when they are complete')
    .addHelpText('after', examples('brine watch', 'brine watch maps --until-complete'))
    .action((names: string[], options) =>
      finish(async () => (await import('../commands/remote/watch.ts')).watch(names, options)),
    );
}

/** `brine dashboard`. */
export function dashboardCommand(finish: Finish): Command {
  return remote('dashboard', 'the address of the agent’s page, for a browser')
    .addHelpText(
      'after',
      `
The address holds the agent's token behind the #, where browsers send it to nobody: whoever has the address governs the agent.
From another machine, forward the port first:  ssh -L 7420:127.0.0.1:7420 HOST${examples('brine dashboard')}`,
    )
    .action((options) =>
      finish(async () => (await import('../commands/remote/dashboard.ts')).dashboard(options)),
    );
}

function remote(name: string, summary: string): Command {
  return new Command(name)
    .summary(summary)
    .description(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`)
    .option('--state <dir>', 'the agent’s state directory, where agent.json says how it is reached')
    .option('--agent <url>', 'the agent’s API: http://, https:// or unix:/PATH (default: as agent.json says)')
    .option('--ca <file>', 'trust these authorities instead of the platform’s, PEM')
    .option('--token-file <file>', 'the agent’s token (default: the one in the state directory)')
    .addOption(
      new Option('--wait [duration]', 'the agent may be starting: wait for it so long (default: 30s)')
        .preset('30s')
        .argParser(argumentParser(parseDuration)),
    )
    .option('--json', 'JSON on stdout, for programs');
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}

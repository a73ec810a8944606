import { Command } from 'commander';

import { parseDuration } from '../units/duration.ts';
import { argumentParser, collectList } from './arguments.ts';
import type { Finish } from './finish.ts';
import { addTransferOptions } from './transfer-options.ts';

/** `brine get`: arguments, options and help; the work is in `commands/get.ts`. */
export function getCommand(finish: Finish): Command {
  const command = new Command('get')
    .summary('fetch a payload and go on serving it')
    .description(
      'Fetches a payload into DIR. It is staged there and appears under its name when everything is verified; then it is ' +
        'served to others until Ctrl-C or SIGTERM. Run again after an interruption, it goes on where it stopped.',
    )
    .argument('<file|magnet>', 'a .torrent file or a magnet link')
    .option('--path <dir>', 'the directory in which the payload is to stand', '.')
    .option(
      '--seed-for <duration>',
      'end so long after completion: 90s, 10m, 2h; 0 ends at once',
      argumentParser(parseDuration),
    )
    .option(
      '--files <selection>',
      'only these files: numbers as `brine info` counts (1,4-6) or globs (docs/**,*.pdf); repeatable',
      collectList,
    )
    .option('--sequential', 'pieces in order instead of rarest first')
    .option('--adopt', 'complete a partial payload that already stands in DIR');
  return addTransferOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  brine get maps.torrent --path /srv/payloads --peer seed.example:6881
  brine get 'magnet:?xt=urn:btih:...' --path . --peer 192.0.2.1:6881 --seed-for 10m
  brine get maps.torrent --path /srv/payloads --sites sites.yaml --wan-budget 5mbit
  brine get maps.torrent --path . --files 'europe/**' --down 10mbit --seed-for 0`,
    )
    .action((input: string, options) =>
      finish(async () => (await import('../commands/get.ts')).get(input, options)),
    );
}

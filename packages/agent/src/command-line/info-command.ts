import { Command } from 'commander';

import type { Finish } from './finish.ts';

/** `brine info`: arguments, options and help; the work is in `commands/info.ts`. */
export function infoCommand(finish: Finish): Command {
  return new Command('info')
    .summary('show what a .torrent file contains, and its magnet link')
    .description('Prints name, size, pieces, trackers and files of a .torrent file, and its magnet link.')
    .argument('<file>', 'the .torrent file')
    .option('--all', 'list every file, however many')
    .option('--json', 'one JSON object on stdout, for programs')
    .addHelpText(
      'after',
      `
Examples:
  brine info maps.torrent
  brine info maps.torrent --json`,
    )
    .action((file: string, options) =>
      finish(async () => (await import('../commands/info.ts')).info(file, options)),
    );
}

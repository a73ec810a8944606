import { Command } from 'commander';

import { parseSize } from '../units/size.ts';
import { argumentParser, collector, urlArgument } from './arguments.ts';
import type { Finish } from './finish.ts';

/** `brine create`: arguments, options and help; the work is in `commands/create.ts`. */
export function createCommand(finish: Finish): Command {
  return new Command('create')
    .summary('make a .torrent file of a file or folder')
    .description('Hashes a file or folder, on all cores, and writes a .torrent file that describes it.')
    .argument('<path>', 'the file or folder')
    .option('-o, --output <file>', 'the .torrent file to write (default: the name of PATH with .torrent)')
    .option(
      '--piece-size <size>',
      'a power of two from 16KiB to 16MiB (default: chosen by size)',
      argumentParser(parseSize),
    )
    .option(
      '--tracker <url>',
      'a tracker; repeatable, the first is asked first',
      collector(urlArgument(['http', 'https', 'udp'])),
    )
    .option(
      '--web-seed <url>',
      'an HTTP server that also has the payload; repeatable',
      collector(urlArgument(['http', 'https'])),
    )
    .option('--private', 'peers come from trackers and --peer only')
    .option('--comment <text>', 'a comment inside the file')
    .option(
      '--follow-symlinks',
      'take links for what they lead to; otherwise links within the folder stay links',
    )
    .option('--json', 'JSON Lines on stdout, for programs')
    .addHelpText(
      'after',
      `
Examples:
  brine create ./maps -o maps.torrent
  brine create image.iso -o image.torrent --piece-size 4MiB --tracker http://tracker.example:6969/announce`,
    )
    .action((path: string, options) =>
      finish(async () => (await import('../commands/create.ts')).create(path, options)),
    );
}

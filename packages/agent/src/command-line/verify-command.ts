import { Command } from 'commander';

import type { Finish } from './finish.ts';

/** `brine verify`: arguments, options and help; the work is in `commands/verify.ts`. */
export function verifyCommand(finish: Finish): Command {
  return new Command('verify')
    .summary('compare a payload on disk with its .torrent file')
    .description('Hashes every piece of the payload in DIR and lists the files that differ. Changes nothing.')
    .argument('<file>', 'the .torrent file')
    .option('--path <dir>', 'the directory that contains the payload', '.')
    .option('--json', 'JSON Lines on stdout, for programs')
    .addHelpText(
      'after',
      `
Examples:
  brine verify maps.torrent --path /srv/payloads && echo all right`,
    )
    .action((file: string, options) =>
      finish(async () => (await import('../commands/verify.ts')).verify(file, options)),
    );
}

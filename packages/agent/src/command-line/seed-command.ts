import { Command } from 'commander';

import type { Finish } from './finish.ts';
import { addTransferOptions } from './transfer-options.ts';

/** `brine seed`: arguments, options and help; the work is in `commands/seed.ts`. */
export function seedCommand(finish: Finish): Command {
  const command = new Command('seed')
    .summary('serve a payload that is already here')
    .description(
      'Checks that the payload stands in DIR and serves it until Ctrl-C or SIGTERM. Never writes to the payload.',
    )
    .argument('<file>', 'the .torrent file')
    .option(
      '--path <dir>',
      'the directory that contains the payload (the file or folder itself stands in it)',
      '.',
    )
    .option(
      '--super-seed',
      'show foreign clients one piece at a time (BEP 16): for the first copy over a slow line',
    );
  return addTransferOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  brine seed maps.torrent --path /srv/payloads
  brine seed maps.torrent --path /srv/payloads --listen 192.0.2.1:6881 --up 10mbit`,
    )
    .action((file: string, options) =>
      finish(async () => (await import('../commands/seed.ts')).seed(file, options)),
    );
}

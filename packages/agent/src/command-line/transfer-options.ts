import type { Command } from 'commander';

import { parseRate } from '../units/rate.ts';
import { addressArgument, argumentParser, collector } from './arguments.ts';

/** Adds what `seed` and `get` have in common; `TransferOptions` is the result. */
export function addTransferOptions(command: Command): Command {
  return command
    .option(
      '--listen <host:port>',
      'address for other peers; IPv6 in brackets, port 0 takes any free one (default: all addresses, first free port of 6881-6889)',
      argumentParser(addressArgument),
    )
    .option('--peer <host:port>', 'a peer to connect to; repeatable', collector(addressArgument))
    .option(
      '--down <rate>',
      'limit for receiving: 10mbit, 500KiB, 2MB/s, unlimited',
      argumentParser(parseRate),
    )
    .option('--up <rate>', 'limit for sending', argumentParser(parseRate))
    .option('--state <dir>', 'directory for resume data (default: .brine beside the payload)')
    .option('--durable', 'sync everything to the disk before the payload is published')
    .option('--no-pex', 'do not exchange peers with peers')
    .option('--no-lsd', 'do not look for peers on the local network by multicast')
    .option('--json', 'JSON Lines on stdout, for programs');
}

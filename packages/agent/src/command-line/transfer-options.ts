import type { Command } from 'commander';

import { parseRate } from '../units/rate.ts';
import { parseRateOrSchedule } from '../units/schedule.ts';
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
    .option(
      '--wan-down <rate|schedule>',
      'limit for receiving from other sites: 2mbit, or "mon-fri 08:00-18:00 2mbit; 10mbit"',
      argumentParser(parseRateOrSchedule),
    )
    .option(
      '--wan-up <rate|schedule>',
      'limit for sending to other sites',
      argumentParser(parseRateOrSchedule),
    )
    .option(
      '--wan-budget <rate|schedule>',
      'what all machines of the site together may draw from other sites, each way; give all of them the same',
      argumentParser(parseRateOrSchedule),
    )
    .option('--background', 'give way to whatever else uses the line to other sites')
    .option('--leech-only', 'never send to other sites: for metered lines and VPNs')
    .option(
      '--site <label>',
      'the site that this machine is at, such as de/muc/hq (default: what --sites says)',
    )
    .option(
      '--sites <file>',
      'which address ranges are at which site: a YAML or JSON file with "label: [10.1.0.0/16, ...]"',
    )
    .option('--no-sites', 'plain BitTorrent: every machine fetches for itself')
    .option('--state <dir>', 'directory for resume data (default: .brine beside the payload)')
    .option('--durable', 'sync everything to the disk before the payload is published')
    .option('--no-pex', 'do not exchange peers with peers')
    .option('--no-lsd', 'do not look for peers on the local network by multicast')
    .option('--json', 'JSON Lines on stdout, for programs');
}

import { Command } from 'commander';

import { parseChurn, parseInstant } from '../plan/notation.ts';
import { parseDuration } from '../units/duration.ts';
import { parseRate } from '../units/rate.ts';
import { parseRateOrSchedule } from '../units/schedule.ts';
import { parseSize } from '../units/size.ts';
import { argumentParser } from './arguments.ts';
import type { Finish } from './finish.ts';

const rate = argumentParser((text) => parseRate(text) ?? Infinity);
const duration = argumentParser(parseDuration);
const count = argumentParser((text) => {
  if (/^[1-9]\d{0,8}$/u.test(text)) return Number(text);
  throw new Error('Write a whole number above 0.');
});

/** `brine plan`: arguments, options and help; the work is in `commands/plan.ts`. */
export function planCommand(finish: Finish): Command {
  return new Command('plan')
    .summary('tell beforehand how long a rollout will take')
    .description(
      'Simulates a rollout, with the real engine on virtual machines, lines and time, several times over: how long it will\n' +
        'take, what it puts on each line, and what holds it up. The fleet is described by options, as equal sites, or by a file.',
    )
    .argument('[file]', 'a fleet in YAML, with sites of their own kinds; see docs/plan.md')
    .option('--sites <count>', 'sites (default: 10)', count)
    .option('--hosts <count>', 'machines at each site (default: 10)', count)
    .option('--link <rate>', "each site's line, both ways (default: 20mbit)", rate)
    .option('--link-up <rate>', 'its other direction, if that is slower', rate)
    .option('--latency <duration>', 'from a site to the middle of the network (default: 15ms)', duration)
    .option('--lan <rate>', "each machine's port on its LAN (default: 1000mbit)", rate)
    .option('--origin <rate>', "the origin's line (default: 100mbit)", rate)
    .option('--size <size>', 'the payload (default: 1GiB)', argumentParser(parseSize))
    .option('--piece-size <size>', 'default: as create chooses it', argumentParser(parseSize))
    .option(
      '--budget <rate>',
      'what each site may draw of its line, or a schedule: "mon-fri 08:00-18:00 2mbit; 10mbit" (default: all)',
      argumentParser(parseRateOrSchedule),
    )
    .option('--start-spread <duration>', 'machines begin at random within this time (default: 0)', duration)
    .option('--start-at <time>', 'when the rollout begins, for schedules, UTC', argumentParser(parseInstant))
    .option(
      '--churn <up/away>',
      'machines stay up and away so long on average: 2h/5m',
      argumentParser(parseChurn),
    )
    .option('--seeds <count>', 'simulations with different chance (default: 3)', count)
    .option('--threads <count>', 'simulations at once (default: one for each core)', count)
    .option('--compare', 'also plain BitTorrent: the same fleet without sites')
    .option('--svg <file>', 'draw a picture')
    .option('--json', 'JSON Lines on stdout, for programs')
    .addHelpText(
      'after',
      `
Examples:
  brine plan --sites 100 --hosts 10 --link 20mbit --origin 100mbit --size 10GiB
  brine plan fleet.yaml --compare --svg rollout.svg`,
    )
    .action((file: string | undefined, options) =>
      finish(async () => (await import('../commands/plan.ts')).plan(file, options)),
    );
}

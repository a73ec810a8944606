import { parseArgs } from 'node:util';

import { KIB, MIB, countOf, sizeOf } from './options.ts';

/** What the command line of the WAN benchmark asks for. */
export interface WanOptions {
  /** Names of scenarios; empty means all. */
  readonly scenarios: readonly string[];
  /** Interleaved runs; medians are shown. Default 5, with `quick` 1. */
  readonly runs: number;
  /** Bytes of payload. Default 64 MiB, with `quick` 8 MiB. */
  readonly bytes: number;
  /** Bytes of a piece. Default 256 KiB. */
  readonly pieceLength: number;
  /** Of every site's link, bits per second. Default 20 million. */
  readonly rate: number;
  /** Clients of the first scenario, by name; empty means ours, libtorrent and aria2. */
  readonly clients: readonly string[];
  readonly record: boolean;
}

export const WAN_USAGE = `usage: npm run bench:wan -- [SCENARIO ...] [--runs N] [--size 64MiB] [--piece 256KiB] [--mbit 20] [--clients brine,aria2] [--quick] [--record]
`;

/** Parses the arguments; throws `TypeError` with a sentence about what is wrong. */
export function parseWanOptions(
  args: readonly string[],
  scenarios: readonly string[],
  clients: readonly string[],
): WanOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      size: { type: 'string' },
      piece: { type: 'string' },
      mbit: { type: 'string', default: '20' },
      clients: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
    },
  });
  const chosen = values.clients.split(',').filter(Boolean);
  refuseStrangers('scenario', positionals, scenarios);
  refuseStrangers('client', chosen, clients);
  return {
    scenarios: positionals,
    runs: values.runs === undefined ? (values.quick ? 1 : 5) : countOf(values.runs, '--runs'),
    bytes: values.size === undefined ? (values.quick ? 8 : 64) * MIB : sizeOf(values.size, '--size'),
    pieceLength: values.piece === undefined ? 256 * KIB : sizeOf(values.piece, '--piece'),
    rate: countOf(values.mbit, '--mbit') * 1e6,
    clients: chosen,
    record: values.record,
  };
}

function refuseStrangers(kind: string, asked: readonly string[], known: readonly string[]): void {
  const stranger = asked.find((name) => !known.includes(name));
  if (stranger !== undefined) throw new TypeError(`no ${kind} "${stranger}"; there are: ${known.join(', ')}`);
}

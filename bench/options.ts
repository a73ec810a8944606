import { parseArgs } from 'node:util';

/** What the command line of the benchmarks asks for. */
export interface BenchOptions {
  /** Names of sections; empty means all. */
  readonly sections: readonly string[];
  /** Interleaved runs of each whole-process measurement; the median is shown. Default 5, with `quick` 1. */
  readonly runs: number;
  /** Bytes of payload of a pair, of `create` and of the store's paths. Default 1 GiB, with `quick` 32 MiB. */
  readonly bytes: number;
  /** Clients to run in pairs, by name; empty means all that are installed. */
  readonly clients: readonly string[];
  /** Small sizes: proves that the benchmarks work, measures nothing. */
  readonly quick: boolean;
  /** Append to bench/RESULTS.md. */
  readonly record: boolean;
  /** Also install and run webtorrent, in scratch/webtorrent. */
  readonly webtorrent: boolean;
}

export const USAGE = `usage: npm run bench -- [SECTION ...] [--runs N] [--size 256MiB] [--clients brine,aria2] [--webtorrent] [--quick] [--record]
sections: pair, swarm, create, hashing, codec, store, idle, picker (default: all)
`;

/** Parses the arguments; throws `TypeError` with a sentence about what is wrong. */
export function parseOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      runs: { type: 'string' },
      size: { type: 'string' },
      clients: { type: 'string', default: '' },
      quick: { type: 'boolean', default: false },
      record: { type: 'boolean', default: false },
      webtorrent: { type: 'boolean', default: false },
    },
  });
  const strange = positionals.find((name) => !known.includes(name));
  if (strange !== undefined) throw new TypeError(`no section "${strange}"`);
  const { quick, record, webtorrent } = values;
  return {
    sections: positionals,
    runs: values.runs === undefined ? (quick ? 1 : 5) : countOf(values.runs, '--runs'),
    bytes: values.size === undefined ? (quick ? 32 : 1024) * MIB : sizeOf(values.size, '--size'),
    clients: values.clients.split(',').filter(Boolean),
    quick,
    record,
    webtorrent,
  };
}

export const KIB = 1024;
export const MIB: number = 1024 * KIB;

/** Parses the value of an option that counts something. */
export function countOf(text: string, option: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`${option} wants a whole number, not "${text}"`);
  return Number(text);
}

/** Parses the value of an option that is a size, into bytes. */
export function sizeOf(text: string, option: string): number {
  const match = /^(\d+)(KiB|MiB|GiB)$/.exec(text);
  if (match === null) throw new TypeError(`${option} wants a size like 256MiB, not "${text}"`);
  const unit = { KiB: KIB, MiB: MIB, GiB: 1024 * MIB }[match[2] as 'KiB' | 'MiB' | 'GiB'];
  return Number(match[1]) * unit;
}

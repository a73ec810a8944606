import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { isInstalled } from './is-installed.ts';
import type { BenchOptions } from './options.ts';
import { KIB, MIB } from './options.ts';
import { noiseFile, scratch } from './payload.ts';
import { REPOSITORY } from './places.ts';
import { median, ratio, short } from './table.ts';
import type { Table } from './table.ts';

const PIECE_EXPONENT = 18;

/** Making a torrent of one file in the page cache, whole processes. */
export async function create(options: BenchOptions): Promise<readonly Table[]> {
  const { path } = await noiseFile(options.bytes);
  const home = await mkdtemp(join(await scratch(), 'create-'));
  const brine = [process.execPath, join(REPOSITORY, 'packages/agent/bin/brine.js'), 'create', path];
  const pieceSize = `${2 ** PIECE_EXPONENT / KIB}KiB`;
  const commands = new Map([
    ['brine create', (out: string) => [...brine, '-o', out, '--piece-size', pieceSize]],
    ['mktorrent -t 2', (out: string) => mktorrent(2, out, path)],
    ['mktorrent -t 1', (out: string) => mktorrent(1, out, path)],
  ]);
  const able = [...commands].filter(([name]) => name.startsWith('brine') || isInstalled('mktorrent'));
  const seconds = new Map<string, number[]>(able.map(([name]) => [name, []]));
  try {
    for (let i = 0; i < options.runs; i += 1)
      for (const [name, commandOf] of able)
        seconds.get(name)?.push(timed(commandOf(join(home, `${name}-${i}.torrent`))));
  } finally {
    await rm(home, { recursive: true, force: true });
  }
  const ours = median(seconds.get('brine create') ?? []);
  return [
    {
      title: `Create, ${options.bytes / MIB} MiB, ${pieceSize} pieces, median of ${options.runs}`,
      columns: ['command', 's', 'MB/s', 'brine is'],
      rows: [...seconds].map(([name, runs]) => {
        const middle = median(runs);
        return [name, short(middle), short(options.bytes / 1e6 / middle), ratio(middle, ours)];
      }),
      notes: able.length < commands.size ? ['mktorrent is not installed'] : [],
    },
  ];
}

function mktorrent(threads: number, out: string, path: string): readonly string[] {
  return ['mktorrent', '-t', String(threads), '-l', String(PIECE_EXPONENT), '-o', out, path];
}

function timed([file = '', ...args]: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  const seconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} failed: ${stderr}`);
  return seconds;
}

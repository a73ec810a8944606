import { spawnSync } from 'node:child_process';

import { codec } from './codec.ts';
import { create } from './create.ts';
import { hashing } from './hashing.ts';
import { idle } from './idle.ts';
import type { BenchOptions } from './options.ts';
import { USAGE, parseOptions } from './options.ts';
import { pair, swarm } from './pair.ts';
import { picker } from './picker.ts';
import { record } from './record.ts';
import { store } from './store.ts';
import { textOf } from './table.ts';
import type { Table } from './table.ts';
import { installWebtorrent } from './webtorrent.ts';

const SECTIONS: Readonly<Record<string, (options: BenchOptions) => Promise<readonly Table[]>>> = {
  hashing,
  codec,
  picker,
  store,
  create,
  pair,
  swarm,
  idle,
};
/** Set inside the private network namespace. */
const INSIDE = 'BRINE_BENCH_INSIDE';
/** Of util-linux: runs a program in a namespace of its own. */
const UNSHARE = 'unshare';

const options = readOptions();
if (options !== undefined) {
  if (process.env[INSIDE] === undefined) installWebtorrent(options);
  if (!runInside()) await runSections(options);
}

function readOptions(): BenchOptions | undefined {
  try {
    return parseOptions(process.argv.slice(2), Object.keys(SECTIONS));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}`);
    process.exitCode = 2;
    return undefined;
  }
}

/**
 * Runs this program again in a network namespace of its own, where nobody else's traffic passes the loopback device. False when
 * this is that run already, or when the system does not permit it: then the machine's own loopback device has to do.
 */
function runInside(): boolean {
  if (process.env[INSIDE] !== undefined || process.platform !== 'linux') return false;
  const unshare = process.getuid?.() === 0 ? ['-n'] : ['-r', '-n'];
  const up = 'ip link set lo up';
  if (spawnSync(UNSHARE, [...unshare, 'sh', '-c', up]).status !== 0) return false;
  const again = [process.execPath, ...process.argv.slice(1)];
  const { status } = spawnSync(UNSHARE, [...unshare, 'sh', '-c', `${up} && exec "$@"`, 'sh', ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: '1' },
  });
  process.exitCode = status ?? 1;
  return true;
}

async function runSections(options: BenchOptions): Promise<void> {
  const names = options.sections.length === 0 ? Object.keys(SECTIONS) : options.sections;
  const tables: Table[] = [];
  for (const name of names) {
    try {
      for (const table of (await SECTIONS[name]?.(options)) ?? []) {
        tables.push(table);
        process.stdout.write(`${textOf(table)}\n`);
      }
    } catch (error) {
      process.stderr.write(`${name} failed: ${(error as Error).stack ?? String(error)}\n`);
      process.exitCode = 1;
    }
  }
  if (options.record) await record(tables);
}

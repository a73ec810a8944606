/*
 * One agent with very many payloads: how long it takes to start, how soon it answers, what it holds; at rest, while many payloads are
 * transferred at once, and while one of 50 GB is hashed besides. `node bench/dist/agent-scale.js [SECTION …] [--quick] [--record]`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { MIB } from './options.ts';
import { scratch } from './payload.ts';
import { record } from './record.ts';
import { busy } from './scale/busy.ts';
import { many } from './scale/many.ts';
import type { ScaleRun } from './scale/scale-run.ts';
import { textOf } from './table.ts';
import type { Table } from './table.ts';

const SECTIONS: Readonly<Record<string, (run: ScaleRun) => Promise<readonly Table[]>>> = { many, busy };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, record: { type: 'boolean', default: false } },
});
const sizes = values.quick
  ? {
      payloads: 50,
      transfers: 5,
      transferBytes: 8 * MIB,
      fast: 3,
      fastBytes: 16 * MIB,
      checkBytes: 256 * MIB,
    }
  : {
      payloads: 1_000,
      transfers: 50,
      transferBytes: 64 * MIB,
      fast: 20,
      fastBytes: 512 * MIB,
      checkBytes: 50_000 * MIB,
    };
const names = positionals.length === 0 ? Object.keys(SECTIONS) : positionals;
const tables: Table[] = [];
for (const name of names) {
  const section = SECTIONS[name];
  if (section === undefined)
    throw new TypeError(`no section "${name}"; there are ${Object.keys(SECTIONS).join(', ')}`);
  const home = await mkdtemp(join(await scratch(), 'scale-'));
  try {
    for (const table of await section({ home, ...sizes })) {
      tables.push(table);
      process.stdout.write(`${textOf(table)}\n`);
    }
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
if (values.record) await record(tables);

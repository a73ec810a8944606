import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

import { format, resolveConfig } from 'prettier';

import { REPOSITORY } from './places.ts';
import { markdownOf } from './table.ts';
import type { Table } from './table.ts';

/** Appends the tables to bench/RESULTS.md under a dated heading that says what ran where. */
export async function record(tables: readonly Table[]): Promise<void> {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', REPOSITORY, ...args], { encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with changes';
  const cores = cpus();
  const machine = `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB`;
  const heading = [
    `## ${new Date().toISOString().slice(0, 10)}`,
    '',
    `Commit ${git('rev-parse', '--short', 'HEAD')}${changed}, Node ${process.versions.node}, ${machine}, ${process.platform} ${release()}.`,
    '',
  ].join('\n');
  const path = join(REPOSITORY, 'bench/RESULTS.md');
  const text = `${await readFile(path, 'utf8')}\n${heading}\n${tables.map(markdownOf).join('\n')}`;
  await writeFile(path, await format(text, { ...(await resolveConfig(path)), filepath: path }));
}

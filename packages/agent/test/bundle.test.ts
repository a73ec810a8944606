import { execFile } from 'node:child_process';
import { cp, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { noise, Scratch } from './brine.ts';

// `npm run build` makes the bundle. Elsewhere, with nothing installed around it, it is what a published package is.
test('the published files need no others: they hash, and have their disk worker with them', async () => {
  await using scratch = await Scratch.open();
  for (const name of ['bin', 'bundle', 'package.json']) {
    await cp(fileURLToPath(new URL(`../${name}`, import.meta.url)), scratch.at('agent', name), {
      recursive: true,
    });
  }
  const payload = await scratch.write('payload.bin', noise(300_000));
  const brine = async (...args: readonly string[]): Promise<string> => {
    const command = [scratch.at('agent', 'bin', 'brine.js'), ...args];
    return (await promisify(execFile)(process.execPath, command)).stdout;
  };

  expect(await brine('--version')).toBe(`${await version()}\n`);
  await brine('create', payload, '-o', scratch.at('payload.torrent'));
  expect(await brine('info', scratch.at('payload.torrent'))).toContain('payload.bin');
  const report = await brine('verify', scratch.at('payload.torrent'), '--path', scratch.path, '--json');
  expect(report).toMatch(/"event":"verified"/);
  const transfer = await brine(
    'get',
    scratch.at('payload.torrent'),
    '--path',
    scratch.path,
    '--adopt',
    '--seed-for',
    '0',
    '--listen',
    '127.0.0.1:0',
    '--json',
  );
  expect(transfer).toMatch(/"event":"complete"/);
});

async function version(): Promise<string> {
  const text = await readFile(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

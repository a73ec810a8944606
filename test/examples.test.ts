import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

/** The examples run as a newcomer runs them: built, without arguments, each in a process of its own. */
async function run(example: string): Promise<string> {
  const program = fileURLToPath(new URL(`../examples/dist/${example}.js`, import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program], { timeout: 25_000 });
  expect(stderr).toBe('');
  return stdout;
}

describe('the examples run by themselves to their end', () => {
  test('seeder: a leecher comes, gets everything, and leaves', async () => {
    const output = await run('seeder');
    expect(output).toMatch(/^listening on 127\.0\.0\.1:\d+$/m);
    expect(Number(/^sent (\d+) bytes$/m.exec(output)?.[1])).toBeGreaterThanOrEqual(3_000_000);
  });

  test('leecher: the payload stands complete in its directory', async () => {
    expect(await run('leecher')).toMatch(/^complete: sample in /m);
  });

  test('embedded: the log has facts, the status is complete', async () => {
    const output = await run('embedded');
    expect(output).toMatch(/^log: [0-9a-f]{8} downloading -> seeding$/m);
    expect(output).toMatch(/^status: \[\{"name":"sample","phase":"seeding",/m);
  });

  test('sites: two machines fetch over the line little more than one of them needs', async () => {
    const output = await run('sites');
    expect(output).toMatch(/^muc-1: [1-9]\d* bytes from its site, 0 from near sites, \d+ from far ones$/m);
    const crossed = Number(/^over the line of de\/muc: (\d+) bytes$/m.exec(output)?.[1]);
    expect(crossed).toBeGreaterThanOrEqual(3_000_005);
    expect(crossed).toBeLessThan(1.5 * 3_000_005);
  });

  test('own-store: every piece is an entry of the map', async () => {
    expect(await run('own-store')).toMatch(/^the map holds \d+ pieces, 3000005 bytes$/m);
  });
});

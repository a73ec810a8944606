import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { describeWith } from '../rig/describe-with.ts';
import { makeFolder } from '../rig/payload.ts';
import { REPOSITORY } from '../rig/places.ts';
import { makeTorrent } from '../rig/torrent.ts';
import { AgentRoom } from './agent-room.ts';

const TESTER = join(REPOSITORY, 'scratch/schemathesis/bin/st');
const PLACE = join(REPOSITORY, 'test/interop/openapi');
/** Seconds that the tester has; cases that it makes for each operation. */
const SECONDS = Number(process.env['BRINE_OPENAPI_SECONDS'] ?? 60);
const CASES = Number(process.env['BRINE_OPENAPI_CASES'] ?? 15);
const SEED = process.env['BRINE_OPENAPI_SEED'] ?? '1';

describeWith(
  {
    switchName: 'BRINE_INTEROP',
    title: 'the OpenAPI document',
    missing: existsSync(TESTER) ? undefined : 'no schemathesis: run scripts/install-schemathesis.sh',
  },
  () => {
    test(
      'is what the agent does: no 5xx, no breach, whatever is sent',
      async () => {
        await using agent = await AgentRoom.open();
        const source = await makeFolder(join(agent.directory, 'source'), 'maps', 20);
        const { path } = await makeTorrent(
          'brine',
          source,
          join(agent.directory, 'maps.torrent'),
          65_536,
          [],
        );
        const torrent = await readFile(path, 'base64');
        await agent.client.putPayload('maps', { torrent, paused: true });
        await agent.client.putPayload('later', { infohash: 'ab'.repeat(20) });
        const report = await runTester(agent);
        const [, generated, passed] = /(\d+) generated, (\d+) passed/.exec(report) ?? [];
        console.log(`schemathesis: ${generated} cases, ${passed} passed`);
        expect(passed).toBe(generated);
        expect(Number(generated)).toBeGreaterThan(500);
        expect((await agent.client.getEngine()).roots).toEqual([agent.root()]);
      },
      (SECONDS + 240) * 1_000,
    );
  },
);

/** What the tester says. Streams never end, and a call to stop ends the agent, so these two are not for it. */
async function runTester({ url, token }: AgentRoom): Promise<string> {
  const what = ['run', `${url}/v1/openapi.json`, '--header', `Authorization: Bearer ${token}`];
  const without = ['/v1/events', '/v1/stop'].flatMap((path) => ['--exclude-path', path]);
  const effort = ['--max-time', String(SECONDS), '--max-examples', String(CASES), '--seed', SEED];
  const how = [
    '--continue-on-failure',
    '--no-color',
    '--request-timeout',
    '30',
    '--generation-database',
    'none',
  ];
  const config = ['--config-file', join(PLACE, 'schemathesis.toml')];
  const env = {
    ...process.env,
    PYTHONPATH: PLACE,
    SCHEMATHESIS_HOOKS: 'own_addresses',
    PYTHONDONTWRITEBYTECODE: '1',
  };
  const options = { env, maxBuffer: 256 << 20, cwd: join(REPOSITORY, 'scratch') };
  try {
    return (await promisify(execFile)(TESTER, [...config, ...what, ...without, ...effort, ...how], options))
      .stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    // Its examples may be long.
    const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.slice(0, 400));
    throw new Error(`the tester found something:\n${lines.slice(-300).join('\n')}`, { cause: error });
  }
}

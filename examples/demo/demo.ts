/**
 * One origin brings a folder to three sites of three machines each, all of them processes on this machine: `npm run demo`.
 * Every site has a slow line to the rest of the world and a fast network of its own, as in real life. It is done twice, with sites
 * and as plain BitTorrent, so that what crosses the lines can be compared.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { findPort, SITES, siteMap } from './fleet.ts';
import { describePayload, Rollout } from './rollout.ts';
import type { RolloutResult } from './rollout.ts';
import { stageContent } from './staged-content.ts';
import { summaryLines } from './summary.ts';
import { inMegabytes } from './units.ts';

const LINE_MBIT = 20;
const LINE_BYTES_PER_SECOND = (LINE_MBIT * 1e6) / 8;
const PAYLOAD_BYTES_MAX = 24e6;
const DEPENDENCIES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

let folder: string | undefined;
let rollout: Rollout | undefined;
let interrupted = false;
process.once('SIGINT', () => void interrupt());
process.once('SIGTERM', () => void interrupt());

try {
  const port = await findPort();
  if (port === undefined) {
    console.error(
      'The demo needs several loopback addresses (127.1.0.1 and so on), which this system does not have.\n' +
        'Linux and Windows have them.',
    );
    process.exitCode = 1;
  } else {
    await demonstrate(port);
  }
} catch (error) {
  if (!interrupted) {
    console.error(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
} finally {
  if (!interrupted) await cleanUp();
}

async function demonstrate(port: number): Promise<void> {
  folder = await mkdtemp(join(tmpdir(), 'brine-demo-'));
  console.log('1. Taking a copy of real content, a part of this project’s dependencies …');
  const staged = await stageContent(join(folder, 'origin', 'payload'), DEPENDENCIES, PAYLOAD_BYTES_MAX);
  console.log(`   ${staged.files.toLocaleString('en-US')} files, ${inMegabytes(staged.bytes)}.`);

  console.log('2. Describing it: brine create');
  await describePayload(folder);
  const sites = join(folder, 'sites.yaml');
  await writeFile(sites, siteMap());

  const plan = { folder, payloadBytes: staged.bytes, lineBytesPerSecond: LINE_BYTES_PER_SECOND, port };
  const names = SITES.map(({ name }) => name);
  const each = SITES[0]?.machines.length ?? 0;
  console.log(
    `3. ${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''} have ${each} machines each, fast among themselves, and one\n` +
      `   line of ${LINE_MBIT} Mbit/s to the rest of the world. All begin at once, each with\n` +
      '   brine get payload.torrent --site munich --sites sites.yaml',
  );
  const withSites = await run(new Rollout(plan, ({ label }) => ['--site', label, '--sites', sites]));
  console.log('4. The same as plain BitTorrent: brine get payload.torrent --no-sites');
  const plain = await run(new Rollout(plan, () => ['--no-sites']));

  const result = { staged, lineBytesPerSecond: LINE_BYTES_PER_SECOND, withSites, plain };
  for (const line of summaryLines(result)) console.log(line);
  if (withSites.differing + plain.differing > 0) process.exitCode = 1;
}

function run(next: Rollout): Promise<RolloutResult> {
  if (interrupted) throw new Error('interrupted');
  rollout = next;
  return next.run();
}

async function interrupt(): Promise<void> {
  interrupted = true;
  rollout?.closeView();
  console.log('\nInterrupted; cleaning up …');
  await cleanUp();
  process.exit(130);
}

async function cleanUp(): Promise<void> {
  await rollout?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

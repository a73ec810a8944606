/**
 * One machine brings a folder to four others, all of them processes on this machine: `npm run demo`.
 * The seeder's upload is limited, as a server's link is in real life, so that what leechers give each other shows.
 */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { BRINE, BrineProcess } from './brine-process.ts';
import { differences, hashFolder } from './folder-hashes.ts';
import { LiveProgress } from './live-progress.ts';
import { stageContent } from './staged-content.ts';
import { summaryLines } from './summary.ts';

const LEECHERS = ['Anna', 'Ben', 'Clara', 'David'];
const SEEDER_UP = '800mbit';
const BYTES_MIN = 200e6;
const DEPENDENCIES = fileURLToPath(new URL('../../../node_modules', import.meta.url));

const folder = await mkdtemp(join(tmpdir(), 'brine-demo-'));
const processes: BrineProcess[] = [];
let interrupted = false;
process.once('SIGINT', () => void interrupt());
process.once('SIGTERM', () => void interrupt());

try {
  await demonstrate();
} catch (error) {
  if (!interrupted) {
    console.error(`The demo failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
} finally {
  await cleanUp();
}

async function demonstrate(): Promise<void> {
  console.log('1. Taking a copy of real content: this project’s dependencies …');
  const origin = join(folder, 'origin');
  const staged = await stageContent(join(origin, 'payload'), DEPENDENCIES, BYTES_MIN);
  console.log(`   ${staged.files.toLocaleString('en-US')} files, ${megabytes(staged.bytes)}.`);

  console.log('2. Describing it: brine create');
  const torrent = join(folder, 'payload.torrent');
  await promisify(execFile)(process.execPath, [BRINE, 'create', join(origin, 'payload'), '-o', torrent]);

  console.log(`3. One seeder, its upload limited to ${SEEDER_UP}, and ${LEECHERS.length} leechers:`);
  const seeder = start(['seed', torrent, '--path', origin, '--listen', '127.0.0.1:0', '--up', SEEDER_UP]);
  await seeder.reached('ready');
  const leechers = await fetchEverywhere(torrent, await addressOf(seeder));

  const results = await Promise.all(
    leechers.map(async (leecher, index) => ({
      name: LEECHERS[index] ?? '',
      seconds: (await leecher.reached('complete')).seconds ?? 0,
      usage: await leecher.usage(),
    })),
  );
  const seederUsage = await seeder.usage();
  await Promise.all(processes.map((each) => each.stop()));
  const seederSentBytes = seeder.last('stopped')?.uploadedBytes ?? 0;

  console.log('4. Comparing the SHA-256 of every file …');
  const differing = await compareAll(origin);
  for (const line of summaryLines({ staged, results, seederSentBytes, seederUsage, differing }))
    console.log(line);
  if (differing > 0) process.exitCode = 1;
}

/** Starts the leechers; each is told of the seeder and of those that started before it. */
async function fetchEverywhere(torrent: string, seeder: string): Promise<readonly BrineProcess[]> {
  const progress = new LiveProgress(LEECHERS);
  const leechers: BrineProcess[] = [];
  const peers = [seeder];
  try {
    for (const name of LEECHERS) {
      const path = join(folder, name);
      await mkdir(path);
      const known = peers.flatMap((peer) => ['--peer', peer]);
      const leecher = start(['get', torrent, '--path', path, '--listen', '127.0.0.1:0', ...known], (event) =>
        progress.show(name, event),
      );
      leechers.push(leecher);
      peers.push(await addressOf(leecher));
    }
    await Promise.all(leechers.map((leecher) => leecher.reached('complete')));
    return leechers;
  } finally {
    progress.close();
  }
}

function start(...args: ConstructorParameters<typeof BrineProcess>): BrineProcess {
  if (interrupted) throw new Error('interrupted');
  const started = new BrineProcess(...args);
  processes.push(started);
  return started;
}

async function addressOf(brine: BrineProcess): Promise<string> {
  const { address } = await brine.reached('listening');
  return `${address?.ip ?? ''}:${address?.port ?? 0}`;
}

/** How many files differ from the origin's, over all leechers. */
async function compareAll(origin: string): Promise<number> {
  const expected = await hashFolder(join(origin, 'payload'));
  let differing = 0;
  for (const name of LEECHERS) {
    differing += differences(expected, await hashFolder(join(folder, name, 'payload'))).length;
  }
  return differing;
}

async function interrupt(): Promise<void> {
  interrupted = true;
  console.log('\nInterrupted; cleaning up …');
  await cleanUp();
  process.exit(130);
}

async function cleanUp(): Promise<void> {
  await Promise.all(processes.map((each) => each.stop()));
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

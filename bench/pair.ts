import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { CLIENTS, startPeer } from './clients.ts';
import type { BenchClient } from './clients.ts';
import type { BenchPeer } from './bench-peer.ts';
import type { BenchOptions } from './options.ts';
import { KIB, MIB } from './options.ts';
import { noiseFile, scratch } from './payload.ts';
import { loopbackBytes, usageOf } from './process-usage.ts';
import { median, ratio, short } from './table.ts';
import type { Table } from './table.ts';
import { torrentOfFile } from './torrent.ts';
import { BenchTracker } from './tracker.ts';

const PORT = 21_000;
const TIMEOUT_MS = 180_000;

/** What is transferred, and to how many. */
interface Course {
  readonly payload: string;
  readonly payloadDirectory: string;
  readonly bytes: number;
  readonly pieceLength: number;
  readonly leechers: number;
}

/** One run. Seconds and MiB; of several leechers, CPU is the sum and memory the largest. */
interface Run {
  /** From starting the leechers to the last one's completion. */
  readonly wall: number;
  /** From the first MiB on the loopback device: without start-up and introductions. */
  readonly data: number;
  readonly cpuSeeder: number;
  readonly cpuLeechers: number;
  readonly peakSeeder: number;
  readonly peakLeecher: number;
  readonly anonymousSeeder: number;
  readonly anonymousLeecher: number;
}

/** One seeder to one leecher over loopback, whole processes, 256 KiB and 1 MiB pieces. */
export async function pair(options: BenchOptions): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const pieceLength of [256 * KIB, MIB])
    tables.push(await compare({ bytes: options.bytes, pieceLength, leechers: 1 }, options));
  return tables;
}

/** One seeder to eight leechers, 256 MiB at most. */
export async function swarm(options: BenchOptions): Promise<readonly Table[]> {
  const bytes = Math.min(options.bytes, 256 * MIB);
  const leechers = options.quick ? 3 : 8;
  return [await compare({ bytes, pieceLength: 256 * KIB, leechers }, options)];
}

async function compare(
  sizes: Pick<Course, 'bytes' | 'pieceLength' | 'leechers'>,
  options: BenchOptions,
): Promise<Table> {
  const { directory, name, path } = await noiseFile(sizes.bytes);
  const course = { ...sizes, payload: name, payloadDirectory: directory };
  const torrent = join(directory, `${name}-${sizes.pieceLength}.torrent`);
  await writeFile(torrent, (await torrentOfFile(path, name, sizes.pieceLength)).bytes);
  const { able, notes } = choose(options);
  const runs = new Map<BenchClient, Run[]>(able.map((client) => [client, []]));
  // Interleaved, so that whatever else the machine does falls on all alike.
  for (let i = 0; i < options.runs; i += 1)
    for (const [client, results] of runs) results.push(await run(client, course, torrent));
  const [ours] = able;
  const transferred = sizes.bytes * sizes.leechers;
  const first = ours === undefined ? undefined : runs.get(ours);
  return {
    title: `1 seeder → ${sizes.leechers} leecher(s), ${sizes.bytes / MIB} MiB, ${sizes.pieceLength / KIB} KiB pieces, median of ${options.runs}`,
    columns: [
      'client',
      'wall s',
      'data s',
      'MB/s',
      `${ours?.name ?? 'ours'} is`,
      'CPU s seeder',
      'leecher(s)',
      'CPU s/GB',
      'RSS peak MiB seeder (anon)',
      'leecher (anon)',
    ],
    rows: [...runs].map(([client, results]) => rowOf(client, results, first ?? results, transferred)),
    notes,
  };
}

function choose(options: BenchOptions): { able: readonly BenchClient[]; notes: readonly string[] } {
  const wanted = CLIENTS.filter(({ name }) => options.clients.length === 0 || options.clients.includes(name));
  const missing = wanted.map((client) => ({ client, why: client.missing() }));
  return {
    able: missing.filter(({ why }) => why === undefined).map(({ client }) => client),
    notes: missing.flatMap(({ client, why }) => (why === undefined ? [] : [`${client.name}: ${why}`])),
  };
}

function rowOf(
  client: BenchClient,
  runs: readonly Run[],
  ours: readonly Run[],
  bytes: number,
): readonly string[] {
  const of = (pick: (run: Run) => number): number => median(runs.map(pick));
  const dataSeconds = of((run) => run.data);
  const cpu = of((run) => run.cpuSeeder + run.cpuLeechers);
  return [
    client.name,
    `${short(of((run) => run.wall))} (${runs.map((run) => short(run.wall)).join(' ')})`,
    short(dataSeconds),
    short(bytes / 1e6 / dataSeconds),
    ratio(dataSeconds, median(ours.map((run) => run.data))),
    short(of((run) => run.cpuSeeder)),
    short(of((run) => run.cpuLeechers)),
    short(cpu / (bytes / 1e9)),
    `${short(of((run) => run.peakSeeder))} (${short(of((run) => run.anonymousSeeder))})`,
    `${short(of((run) => run.peakLeecher))} (${short(of((run) => run.anonymousLeecher))})`,
  ];
}

async function run(client: BenchClient, course: Course, torrent: string): Promise<Run> {
  const home = await mkdtemp(join(await scratch(), 'run-'));
  const tracker = await BenchTracker.start();
  const running: BenchPeer[] = [];
  const start = async (
    role: 'seed' | 'leech',
    number: number,
    peers: readonly string[],
  ): Promise<BenchPeer> => {
    const state = join(home, `state-${number}`);
    const directory = role === 'seed' ? course.payloadDirectory : join(home, `payload-${number}`);
    await mkdir(state);
    await mkdir(directory, { recursive: true });
    const peer = startPeer(client, {
      role,
      torrent,
      directory,
      state,
      peers,
      ip: addressOf(number),
      port: PORT + number,
      tracker: tracker.url,
    });
    running.push(peer);
    return peer;
  };
  try {
    const seeder = await start('seed', 0, []);
    await seeder.line((line) => client.ready(line), TIMEOUT_MS);
    if (client.needsTracker) await tracker.peers(1);
    await delay(1000); // the seeder's start-up is not what is measured
    return await measure(client, course, seeder, start);
  } finally {
    await Promise.all(running.map((peer) => peer.stop()));
    tracker.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function measure(
  client: BenchClient,
  course: Course,
  seeder: BenchPeer,
  start: (role: 'leech', number: number, peers: readonly string[]) => Promise<BenchPeer>,
): Promise<Run> {
  const numbers = Array.from({ length: course.leechers }, (_, i) => i + 1);
  const addresses = [0, ...numbers].map((number) => `${addressOf(number)}:${PORT + number}`);
  const cpuBefore = usageOf(seeder.pid).cpuSeconds;
  const bytesBefore = loopbackBytes();
  const started = performance.now();
  const leechers = await Promise.all(
    numbers.map((number) => start('leech', number, addresses.toSpliced(number, 1))),
  );
  let first: number | undefined;
  const traffic = setInterval(() => {
    if (loopbackBytes() - bytesBefore < MIB) return;
    first = performance.now();
    clearInterval(traffic);
  }, 5);
  let anonymousSeeder = 0;
  let anonymousLeecher = 0;
  const sample = (): void => {
    anonymousSeeder = Math.max(anonymousSeeder, usageOf(seeder.pid).anonymousMiB);
    for (const { pid } of leechers) anonymousLeecher = Math.max(anonymousLeecher, usageOf(pid).anonymousMiB);
  };
  const memory = setInterval(sample, 200);
  try {
    const done = await Promise.all(
      leechers.map((leecher) => leecher.line((line) => client.complete(line), TIMEOUT_MS)),
    );
    sample();
    const last = Math.max(...done);
    const used = leechers.map(({ pid }) => usageOf(pid));
    const seeding = usageOf(seeder.pid);
    return {
      wall: (last - started) / 1000,
      data: (last - (first ?? started)) / 1000,
      cpuSeeder: seeding.cpuSeconds - cpuBefore,
      cpuLeechers: used.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      peakSeeder: seeding.peakMiB,
      peakLeecher: Math.max(...used.map(({ peakMiB }) => peakMiB)),
      anonymousSeeder,
      anonymousLeecher,
    };
  } finally {
    clearInterval(traffic);
    clearInterval(memory);
  }
}

/** Every peer has an address of its own: some clients take one connection for each. */
function addressOf(number: number): string {
  return `127.0.0.${10 + number}`;
}

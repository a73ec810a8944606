import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { MIB } from '../options.ts';
import type { Table } from '../table.ts';
import { BenchAgent } from './bench-agent.ts';
import { openStreams } from './event-streams.ts';
import { smallPayloads, zeroPayloads } from './payload-set.ts';
import {
  LATENCY_COLUMNS,
  SEEDER_ADDRESS,
  latencyRows,
  namedOrderOf,
  probe,
  startSeeder,
} from './scale-run.ts';
import type { ScaleRun } from './scale-run.ts';

const SMALL_BYTES = 256 * 1024;
const STREAMS = 100;
const REST_MS = 10_000;
const isThere = (phase: string): boolean => phase === 'seeding';

/** A thousand payloads that are there, then fifty that come. */
export async function many(run: ScaleRun): Promise<readonly Table[]> {
  const { home, payloads: count, transfers, transferBytes } = run;
  const small = await smallPayloads(join(home, 'root'), count, SMALL_BYTES);
  const orders = small.map((payload) => namedOrderOf(payload));
  const figures: [string, string][] = [];

  const first = await BenchAgent.start(home);
  const orderedMs = await timed(() => first.client.onlyPayloads(orders));
  figures.push([`PUT of ${count} payloads answered`, ms(orderedMs)]);
  const hashedMs = await timed(() => untilAll(first));
  figures.push(['all found on disk, hashed and seeded, after', ms(hashedMs)]);
  figures.push(['stopped in', ms(await first.stop())]);

  const startedMs = performance.now();
  const agent = await BenchAgent.start(home);
  figures.push(['started again: API answers after', ms(performance.now() - startedMs)]);
  await untilAll(agent);
  figures.push([`all ${count} seeded after`, ms(performance.now() - startedMs)]);
  figures.push([
    `MiB read meanwhile, of ${(count * SMALL_BYTES) / MIB}`,
    String(Math.round(agent.bytesRead / MIB)),
  ]);

  const subject = orders[0]!;
  await agent.loopDelayMaxMs();
  const { cpuSeconds } = agent.usage;
  const restMs = count < 100 ? 1_000 : REST_MS;
  await delay(restMs);
  figures.push([
    'at rest, CPU',
    `${(((agent.usage.cpuSeconds - cpuSeconds) * 100_000) / restMs).toFixed(1)} %`,
  ]);
  figures.push(['at rest, event loop held up at most', ms(await agent.loopDelayMaxMs())]);
  figures.push(['at rest, anonymous memory', `${agent.usage.anonymousMiB.toFixed(0)} MiB`]);
  const restUntil = performance.now() + restMs;
  const rest = await probe(agent, subject, () => performance.now() > restUntil);

  const seeds = join(home, 'seeds');
  const names = Array.from({ length: transfers }, (_, number) => `big-${number}`);
  const big = await zeroPayloads(seeds, names, transferBytes, MIB);
  const seeder = await startSeeder(home, seeds, big);
  const streams = openStreams(agent, STREAMS);
  const transferMs = performance.now();
  const bigOrders = big.map((payload) => namedOrderOf(payload, [SEEDER_ADDRESS]));
  const added = await timed(() => agent.client.onlyPayloads(orders.concat(bigOrders)));
  figures.push([`PUT of ${count + transfers} payloads, ${transfers} new, answered`, ms(added)]);
  const moving = await probe(agent, subject, async () => (await agent.waiting(isThere)) === 0);
  const seconds = (performance.now() - transferMs) / 1_000;
  const rate = (transfers * transferBytes) / 1e6 / seconds;
  figures.push([`${transfers} × ${transferBytes / MIB} MiB transferred at`, `${rate.toFixed(0)} MB/s`]);
  figures.push(['meanwhile, event loop held up at most', ms(await agent.loopDelayMaxMs())]);
  figures.push([`meanwhile, ${STREAMS} event streams got`, `${(streams.close() / MIB).toFixed(0)} MiB`]);
  figures.push(['afterwards, anonymous memory', `${agent.usage.anonymousMiB.toFixed(0)} MiB`]);
  figures.push(['largest resident set', `${agent.usage.peakMiB.toFixed(0)} MiB`]);
  figures.push(['stopped in', ms(await agent.stop())]);
  await seeder.stop();
  return [
    {
      title: `One agent with ${count} payloads of ${SMALL_BYTES / 1024} KiB`,
      columns: ['', ''],
      rows: figures,
    },
    { title: 'At rest', columns: LATENCY_COLUMNS, rows: latencyRows(rest) },
    {
      title: `While ${transfers} more are transferred, ${STREAMS} event streams open`,
      columns: LATENCY_COLUMNS,
      rows: latencyRows(moving),
    },
  ];
}

async function untilAll(agent: BenchAgent): Promise<void> {
  while ((await agent.waiting(isThere)) > 0) await delay(20);
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await task();
  return performance.now() - startedMs;
}

function ms(value: number): string {
  return value < 1_000 ? `${value.toFixed(0)} ms` : `${(value / 1_000).toFixed(2)} s`;
}

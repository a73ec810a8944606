import { join } from 'node:path';

import { MIB } from '../options.ts';
import type { Table } from '../table.ts';
import { BenchAgent } from './bench-agent.ts';
import { smallPayloads, zeroPayloads } from './payload-set.ts';
import {
  LATENCY_COLUMNS,
  SEEDER_ADDRESS,
  latencyRows,
  namedOrderOf,
  orderOf,
  probe,
  startSeeder,
} from './scale-run.ts';
import type { ScaleRun } from './scale-run.ts';

const CHECKED_PIECE = 4 * MIB;

/** Payloads at full speed while a huge one is checked. */
export async function busy({ home, fast, fastBytes, checkBytes }: ScaleRun): Promise<readonly Table[]> {
  const root = join(home, 'root');
  const [small] = await smallPayloads(root, 1, MIB);
  const [huge] = await zeroPayloads(root, ['huge'], checkBytes, CHECKED_PIECE);
  const seeds = join(home, 'seeds');
  const names = Array.from({ length: fast }, (_, number) => `fast-${number}`);
  const payloads = await zeroPayloads(seeds, names, fastBytes, MIB);
  const seeder = await startSeeder(home, seeds, payloads);
  const agent = await BenchAgent.start(home);
  try {
    const subject = namedOrderOf(small!);
    await agent.client.putPayload(small!.name, orderOf(small!));
    await agent.client.putPayload('huge', orderOf(huge!));
    while ((await agent.client.getPayload('huge')).phase !== 'checking');
    await agent.loopDelayMaxMs();
    const startedMs = performance.now();
    const { cpuSeconds } = agent.usage;
    for (const payload of payloads)
      await agent.client.putPayload(payload.name, orderOf(payload, [SEEDER_ADDRESS]));
    const latencies = await probe(agent, subject, async () =>
      (await agent.client.listPayloads()).every(
        ({ name, phase }) => !name.startsWith('fast') || phase === 'seeding',
      ),
    );
    const seconds = (performance.now() - startedMs) / 1_000;
    const { phase, checkedPercent } = await agent.client.getPayload('huge');
    const rate = (fast * fastBytes) / 1e6 / seconds;
    return [
      {
        title: `While ${fast} payloads of ${fastBytes / MIB} MiB come at full speed and ${Math.round(checkBytes / 1e9)} GB are checked`,
        columns: LATENCY_COLUMNS,
        rows: latencyRows(latencies),
        notes: [
          `${rate.toFixed(0)} MB/s for ${seconds.toFixed(1)} s; the check was then at ${checkedPercent ?? 100} % (${phase}).`,
          `Event loop held up at most ${(await agent.loopDelayMaxMs()).toFixed(0)} ms; ${(agent.usage.cpuSeconds - cpuSeconds).toFixed(1)} CPU s of the agent, anonymous memory ${agent.usage.anonymousMiB.toFixed(0)} MiB.`,
        ],
      },
    ];
  } finally {
    await agent.stop();
    await seeder.stop();
  }
}

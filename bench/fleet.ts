/*
 * How evenly many sites fare: a fleet with churn, simulated with many seeds, and the distribution of the three figures that matter. What runs is
 * `brine plan`; its options may follow, and come before ours:
 *
 *   node bench/dist/fleet.js --seeds 20 [--sites 100] [--churn 1m/5s] [--record]
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

import { REPOSITORY } from './places.ts';
import { record } from './record.ts';
import { textOf } from './table.ts';
import type { Table } from './table.ts';

/** As `PlanReport` of the agent says it, as far as it matters here. */
interface Report {
  readonly payloadBytes: number;
  readonly siteCount: number;
  readonly hostCount: number;
  readonly floor: { readonly seconds: number };
  readonly tookSeconds: number;
  readonly brine: {
    readonly sites: readonly { readonly name: string }[];
    readonly runs: readonly {
      readonly seed: number;
      /** Null when a machine was never done. */
      readonly timesFloor: number | null;
      readonly originRatio: number;
      readonly wanInRatios: readonly number[];
    }[];
  };
}

/** Half of the machines go away once while a payload comes that takes half a minute at best; the origin's line is like everybody's. */
const USUAL =
  '--sites 100 --hosts 10 --link 20mbit --origin 20mbit --size 64MiB --piece-size 1MiB --churn 1m/5s';

const given = process.argv.slice(2).filter((option) => option !== '--record');
const report = await plan([...USUAL.split(' '), ...given]);
const table = tableOf(report);
process.stdout.write(`${textOf(table)}\n`);
if (process.argv.includes('--record')) await record([table]);

async function plan(options: readonly string[]): Promise<Report> {
  const brine = join(REPOSITORY, 'packages/agent/bin/brine.js');
  const child = spawn(process.execPath, [brine, 'plan', ...options, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) said += String(chunk);
  const line = said.split('\n').find((each) => each.startsWith('{"event":"plan",'));
  if (line === undefined) throw new Error(`brine plan has not told its result: ${said}`);
  return JSON.parse(line) as Report;
}

function tableOf({ payloadBytes, siteCount, hostCount, floor, tookSeconds, brine }: Report): Table {
  const { runs, sites } = brine;
  const times = runs.map(({ timesFloor, seed }) => ({
    value: timesFloor ?? Infinity,
    where: `seed ${seed}`,
  }));
  const origin = runs.map(({ originRatio, seed }) => ({ value: originRatio, where: `seed ${seed}` }));
  const into = runs.flatMap(({ seed, wanInRatios }) =>
    wanInRatios.map((value, index) => ({ value, where: `seed ${seed}, ${sites[index]?.name ?? '?'}` })),
  );
  return {
    title: `Simulated fleet: ${siteCount} sites, ${hostCount} machines, ${payloadBytes / 2 ** 20} MiB, ${runs.length} seeds`,
    columns: ['figure', 'least', 'median', '90 %', 'most', 'worst'],
    rows: [
      rowOf('into a site, times the payload on the wire', into),
      rowOf('out of the origin, times the payload', origin),
      rowOf(`until the last machine, times the floor of ${floor.seconds.toFixed(1)} s`, times),
    ],
    notes: [`\`brine plan ${[...USUAL.split(' '), ...given].join(' ')}\`, ${Math.round(tookSeconds)} s.`],
  };
}

interface Value {
  readonly value: number;
  readonly where: string;
}

function rowOf(name: string, values: readonly Value[]): readonly string[] {
  const sorted = values.toSorted((a, b) => a.value - b.value);
  const at = (part: number): number => sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]?.value ?? NaN;
  return [name, ...[0, 0.5, 0.9, 1].map((part) => at(part).toFixed(3)), sorted.at(-1)?.where ?? ''];
}

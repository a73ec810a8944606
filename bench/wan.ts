import { CATALOGUE } from '#rig/wan/catalogue';
import type { Bounds, Scenario } from '#rig/wan/catalogue';
import { FLEET_CLIENTS, brineWithSites, plainAria2, plainLibtorrent } from '#rig/wan/fleet-client';
import type { FleetClient } from '#rig/wan/fleet-client';
import { last, timesFloor, worst } from '#rig/wan/outcome';
import type { Outcome } from '#rig/wan/outcome';
import { whatIsMissing } from '#rig/what-is-missing';

import { IdleShare } from './idle-share.ts';
import { KIB, MIB } from './options.ts';
import { usageOf } from './process-usage.ts';
import { record } from './record.ts';
import { median, short, textOf } from './table.ts';
import type { Table } from './table.ts';
import { wanBudget } from './wan-budget.ts';
import { WAN_USAGE, parseWanOptions } from './wan-options.ts';
import type { WanOptions } from './wan-options.ts';

/** One line of a table: a scenario with a client, and what its runs measured so far. */
interface Entry {
  readonly scenario: Scenario;
  readonly client: FleetClient;
  readonly outcomes: Outcome[];
  /** Of each run, how much of the machine was idle, 0 to 1. */
  readonly idle: number[];
}

/** Who is compared where no `--clients` says otherwise: others in the first group only. */
const RIVALS: ReadonlySet<FleetClient> = new Set([plainLibtorrent, plainAria2]);

/** The group that is measured in rates instead of copies. */
const BUDGET = 'budget';

const options = readOptions();
const missing = whatIsMissing();
if (options !== undefined && missing === undefined) await run(options);
if (missing !== undefined) fail(`the WAN benchmark cannot run: ${missing}`, 1);

function readOptions(): WanOptions | undefined {
  try {
    const clients = FLEET_CLIENTS.map(({ name }) => name);
    return parseWanOptions(process.argv.slice(2), [...Object.keys(CATALOGUE), BUDGET], clients);
  } catch (error) {
    fail(`${(error as Error).message}\n${WAN_USAGE}`, 2);
    return undefined;
  }
}

async function run(options: WanOptions): Promise<void> {
  const tables: Table[] = [];
  for (const [group, scenarios] of Object.entries(CATALOGUE)) {
    if (options.scenarios.length > 0 && !options.scenarios.includes(group)) continue;
    const { able, notes } = choose(options, group);
    const entries = scenarios.flatMap((scenario) =>
      able.map((client): Entry => ({ scenario, client, outcomes: [], idle: [] })),
    );
    // Interleaved, so that whatever else the machine does falls on all alike.
    for (let turn = 0; turn < options.runs; turn += 1)
      for (const entry of entries) await measure(entry, options, turn, notes);
    const table = tableOf(group, entries, notes, options);
    tables.push(table);
    process.stdout.write(`${textOf(table)}\n`);
  }
  if (options.scenarios.length === 0 || options.scenarios.includes(BUDGET)) {
    const table = await wanBudget(options.runs);
    tables.push(table);
    process.stdout.write(`${textOf(table)}\n`);
  }
  if (options.record) await record(tables);
}

function choose(options: WanOptions, group: string): { able: readonly FleetClient[]; notes: string[] } {
  const asked = FLEET_CLIENTS.filter((client) =>
    options.clients.length > 0
      ? options.clients.includes(client.name)
      : client === brineWithSites || (group === 'together' && RIVALS.has(client)),
  );
  const able = asked.filter((client) => client.missing() === undefined);
  const notes = asked.flatMap((client) => {
    const why = client.missing();
    return why === undefined ? [] : [`${client.name} not run: ${why}.`];
  });
  return { able, notes };
}

/** One run. What fails is noted: the table shows the other runs. */
async function measure(entry: Entry, options: WanOptions, turn: number, notes: string[]): Promise<void> {
  const { scenario, client, outcomes, idle } = entry;
  const what = `${scenario.name}, ${client.name}, run ${turn + 1}`;
  const conditions = {
    payloadBytes: options.bytes,
    pieceLength: options.pieceLength,
    rate: options.rate,
    cpuOf: (pid: number) => usageOf(pid).cpuSeconds,
  };
  const idling = new IdleShare();
  try {
    const outcome = await scenario.run(conditions, client, turn);
    outcomes.push(outcome);
    idle.push(idling.now());
    process.stderr.write(`${what}: ${sentence(outcome)}, machine idle ${percent(idling.now())}\n`);
    if (outcome.damaged.length > 0) notes.push(`${what}: damaged on ${outcome.damaged.join(', ')}.`);
  } catch (error) {
    notes.push(`${what} failed: ${(error as Error).message.split('\n')[0] ?? ''}`);
    fail(`${what} failed: ${(error as Error).message}\n`, 1);
  }
}

function sentence(outcome: Outcome): string {
  const copies = (values: readonly number[]): string => values.map((value) => value.toFixed(3)).join(' ');
  return (
    `into ${copies(outcome.into)} (streams ${copies(outcome.streamsInto)}), out of sites ${copies(outcome.outOf)}, out of the origin ${copies([outcome.origin])}, ` +
    `first ${Math.min(...outcome.seconds).toFixed(1)} s, last ${last(outcome).toFixed(1)} s`
  );
}

function tableOf(
  group: string,
  entries: readonly Entry[],
  notes: readonly string[],
  options: WanOptions,
): Table {
  const { bytes, pieceLength, rate, runs } = options;
  return {
    title: `WAN, ${group}: ${bytes / MIB} MiB, ${pieceLength / KIB} KiB pieces, links of ${rate / 1e6} Mbit/s, median of ${runs}`,
    columns: [
      'scenario',
      'client',
      'into the worst site (all sites, all runs)',
      'streams only',
      'out of the origin',
      'last host s',
      '× floor',
      'first host s',
      'CPU s/GB',
      'machine idle',
      'bounds',
    ],
    rows: entries.filter(({ outcomes }) => outcomes.length > 0).map((entry) => rowOf(entry, options.bytes)),
    notes: [
      'Amounts are bytes on the wire, all headers counted, as multiples of the payload: one copy is 1.05. Where the machine was hardly idle, it held up everybody.',
      ...notes,
    ],
  };
}

function rowOf({ scenario, client, outcomes, idle }: Entry, bytes: number): readonly string[] {
  const of = (pick: (outcome: Outcome) => number): number => median(outcomes.map(pick));
  const all = outcomes.flatMap(({ into }) => into);
  const middle = {
    into: of(worst),
    streams: of(({ streamsInto }) => Math.max(...streamsInto)),
    origin: of(({ origin }) => origin),
    seconds: of(last),
    floors: of(timesFloor),
    first: of(({ seconds }) => Math.min(...seconds)),
    cpu: of(({ cpuSeconds, seconds }) => cpuSeconds / ((seconds.length * bytes) / 1e9)),
  };
  return [
    scenario.name,
    client.name,
    `${middle.into.toFixed(3)} (${Math.min(...all).toFixed(3)}–${Math.max(...all).toFixed(3)})`,
    middle.streams.toFixed(3),
    middle.origin.toFixed(3),
    short(middle.seconds),
    middle.floors.toFixed(2),
    short(middle.first),
    short(middle.cpu),
    percent(median(idle)),
    client === brineWithSites ? verdict(scenario.bounds, middle) : '',
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** Bounds hold for medians; those of others are not bound. */
function verdict(bounds: Bounds, middle: { into: number; origin: number; floors: number }): string {
  const parts = [
    judged('into', middle.into, bounds.into),
    judged('origin', middle.origin, bounds.origin),
    judged('floor', middle.floors, bounds.timesFloor),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function judged(what: string, value: number, bound: number | undefined): string {
  if (bound === undefined) return '';
  return `${what} ≤ ${bound} ${value <= bound ? 'kept' : 'BROKEN'}`;
}

function fail(message: string, exitCode: number): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}

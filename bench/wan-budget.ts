import { brokenBudget, budget, mbit } from '#rig/wan/budget';
import type { BudgetOutcome, Kept } from '#rig/wan/budget';
import { brineWithBudget } from '#rig/wan/fleet-client';

import { IdleShare } from './idle-share.ts';
import type { Table } from './table.ts';

const ORDER = { hosts: 8, linkRate: 20e6, budget: 5e6, nextBudget: 10e6, seconds: 20 };

/** How the hosts of a site keep to one budget. Every run is a row. */
export async function wanBudget(runs: number): Promise<Table> {
  const rows: string[][] = [];
  for (let run = 1; run <= runs; run += 1) {
    const idle = new IdleShare();
    const outcome = await budget(brineWithBudget, ORDER);
    const seconds = [outcome.first, outcome.next].map((kept) =>
      kept.seconds.map((rate) => (rate / 1e6).toFixed(2)).join(' '),
    );
    process.stderr.write(`budget, run ${run}, Mbit/s each second: ${seconds.join(' | ')}\n`);
    rows.push([String(run), ...cellsOf(outcome), `${Math.round(idle.now() * 100)} %`]);
  }
  return {
    title: `WAN, budget: ${ORDER.hosts} hosts of a site behind ${mbit(ORDER.linkRate)}, ${mbit(ORDER.budget)}, then ${mbit(ORDER.nextBudget)}`,
    columns: [
      'run',
      'begins after',
      'any 10 s',
      'after the change',
      'change took',
      'LAN',
      'bounds',
      'machine idle',
    ],
    rows,
    notes: ['Rates are of bytes on the wire into the site, all headers counted.'],
  };
}

function cellsOf(outcome: BudgetOutcome): readonly string[] {
  const { rampMs, first, next, settledMs, lanRate } = outcome;
  const broken = brokenBudget(outcome, ORDER);
  return [
    `${(rampMs / 1000).toFixed(1)} s`,
    rangeOf(first),
    rangeOf(next),
    settledMs === undefined ? 'longer' : `${settledMs.toFixed(0)} ms`,
    mbit(lanRate),
    broken.length === 0 ? 'kept' : `BROKEN: ${broken.join('; ')}`,
  ];
}

function rangeOf({ slowest, fastest }: Kept): string {
  return `${mbit(slowest)}–${mbit(fastest)}`;
}

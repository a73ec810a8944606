import { formatCount } from '../units/count.ts';
import { formatDuration } from '../units/duration.ts';
import { formatBinarySize, formatSize } from '../units/size.ts';
import { wireBytes } from './floor.ts';
import type { BusyLines, FleetSummary, PlanReport, SiteSummary } from './report.ts';
import type { Spread } from './spread.ts';
import { limitsOf } from './wording.ts';

/** Sites that are listed; of more, the slowest. */
const SITES_SHOWN = 12;

/** A plan for people, in lines. */
export function tableOf(report: PlanReport): readonly string[] {
  const { brine, plain, floor } = report;
  const head = ['', 'Brine', ...(plain === undefined ? [] : ['plain BitTorrent']), 'at best'];
  const row = (name: string, cell: (fleet: FleetSummary) => string, best: string): readonly string[] => [
    name,
    cell(brine),
    ...(plain === undefined ? [] : [cell(plain)]),
    best,
  ];
  const bytes = report.payloadBytes;
  const best = wireBytes(bytes);
  const rows = [
    head,
    row('all machines done', (fleet) => time(fleet.lastSeconds), seconds(floor.seconds)),
    row('  99 % of them', (fleet) => time(fleet.ninetyNineSeconds), ''),
    row('  90 %', (fleet) => time(fleet.ninetySeconds), ''),
    row('  half', (fleet) => time(fleet.halfSeconds), ''),
    row('into each site', (fleet) => size(fleet.wanInRatio, bytes), formatSize(best)),
    row('  times the payload', (fleet) => ratio(fleet.wanInRatio), (best / bytes).toFixed(2)),
    row('out of the origin', (fleet) => size(fleet.originRatio, bytes), formatSize(best)),
    row('  times the payload', (fleet) => ratio(fleet.originRatio), (best / bytes).toFixed(2)),
    row(
      'busiest line',
      (fleet) => `${LINE_NAMES[fleet.bottleneck.line]}, ${percent(fleet.bottleneck.busy)}`,
      '',
    ),
  ];
  return [
    `${formatSize(bytes)} in ${formatCount(report.pieceCount)} pieces of ${formatBinarySize(report.pieceLength)} ` +
      `to ${formatCount(report.hostCount)} machines at ${formatCount(report.siteCount)} sites`,
    '',
    ...columns(rows),
    '',
    ...columns(siteRows(report)),
    ...(brine.sites.length > SITES_SHOWN
      ? [
          `  … and ${formatCount(brine.sites.length - SITES_SHOWN)} sites that are faster; all of them with --json.`,
        ]
      : []),
    '',
    ...limitsOf(report),
  ];
}

const LINE_NAMES: Readonly<Record<keyof BusyLines, string>> = {
  origin: "the origin's",
  sitesDown: 'into the sites',
  sitesUp: 'out of the sites',
  lan: "machines' ports",
};

function siteRows({ brine }: PlanReport): readonly (readonly string[])[] {
  const slowest = brine.sites
    .toSorted((a, b) => b.lastSeconds.median - a.lastSeconds.median)
    .slice(0, SITES_SHOWN);
  const row = (site: SiteSummary): readonly string[] => [
    site.name,
    formatCount(site.hosts),
    time(site.lastSeconds),
    seconds(site.floorSeconds),
    ratio(site.wanInRatio),
  ];
  return [
    ['slowest sites', 'machines', 'done', 'at best', 'into it, times the payload'],
    ...slowest.map(row),
  ];
}

/** Cells in columns: the first to the left, all others to the right. */
function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('   ')
      .trimEnd(),
  );
}

/** The median, and from where to where, if that is another. */
function time(spread: Spread): string {
  return ranged(spread, seconds);
}

function ratio(spread: Spread): string {
  return ranged(spread, (value) => value.toFixed(2));
}

function size(ratio: Spread, payloadBytes: number): string {
  return formatSize(ratio.median * payloadBytes);
}

function ranged({ min, median, max }: Spread, format: (value: number) => string): string {
  const middle = format(median);
  const [low, high] = [format(min), format(max)];
  return low === high ? middle : `${middle} (${low} – ${high})`;
}

function seconds(value: number): string {
  return value === Infinity ? 'never' : formatDuration(value);
}

function percent(part: number): string {
  return `${Math.round(part * 100)} % busy`;
}

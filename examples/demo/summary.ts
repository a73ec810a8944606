import { SITES } from './fleet.ts';
import type { RolloutResult } from './rollout.ts';
import type { StagedContent } from './staged-content.ts';
import { inMegabytes, timesPayload } from './units.ts';

/** What the demo measured. */
export interface DemoResult {
  readonly staged: StagedContent;
  readonly lineBytesPerSecond: number;
  readonly withSites: RolloutResult;
  readonly plain: RolloutResult;
}

/** The end of the demo, for somebody who sees it for the first time. */
export function summaryLines(result: DemoResult): readonly string[] {
  const { staged, lineBytesPerSecond, withSites, plain } = result;
  const floorSeconds = staged.bytes / lineBytesPerSecond;
  const machines = SITES.flatMap((site) => site.machines).length;
  const differing = withSites.differing + plain.differing;
  const bytes = (count: number): string =>
    `${inMegabytes(count)}  ${timesPayload(count, staged.bytes)}`.padStart(COLUMN);
  const row = (name: string, one: string, other: string): string =>
    `  ${name.padEnd(24)}${one.padStart(COLUMN)}${other.padStart(COLUMN)}`;
  return [
    '',
    differing === 0
      ? `All ${2 * machines} copies are identical: ${staged.files.toLocaleString('en-US')} files each, every SHA-256 the same.`
      : `${differing.toLocaleString('en-US')} files DIFFER. Please report this.`,
    '',
    row('Over the line', 'once per site', 'plain BitTorrent'),
    ...SITES.map(({ name }, index) =>
      row(`  into ${name}`, bytes(withSites.into[index] ?? 0), bytes(plain.into[index] ?? 0)),
    ),
    row('  out of the origin', bytes(withSites.outOfOrigin), bytes(plain.outOfOrigin)),
    row('Inside the sites', inMegabytes(withSites.inside), inMegabytes(plain.inside)),
    row('Last machine complete', inSeconds(withSites.seconds), inSeconds(plain.seconds)),
    '',
    `The payload has ${inMegabytes(staged.bytes)}; a line needs ${inSeconds(floorSeconds)} for it at the very least. Every`,
    'machine wants all of it, so no line can carry less than one copy into a site.',
    'With sites, the machines of each agree on who fetches what, and give it to each',
    'other; without, everybody fetches for itself. On average a line carried',
    `${mean(withSites, staged).toFixed(2)} copies with sites, and ${mean(plain, staged).toFixed(2)} without.`,
    ...usageLine(withSites),
  ];
}

function mean({ into }: RolloutResult, { bytes }: StagedContent): number {
  return into.reduce((sum, each) => sum + each, 0) / into.length / bytes;
}

function usageLine({ usage }: RolloutResult): readonly string[] {
  if (usage.length === 0) return [];
  const cpuSeconds = Math.max(...usage.map((each) => each.cpuSeconds));
  const peakBytes = Math.max(...usage.map((each) => each.peakBytes));
  return [
    '',
    `No machine used more than ${inSeconds(cpuSeconds)} of a processor and ${(peakBytes / 1e6).toFixed(0)} MB of memory.`,
  ];
}

function inSeconds(seconds: number): string {
  return `${seconds.toFixed(1)} s`;
}

const COLUMN = 20;

import type { ProcessUsage } from './process-usage.ts';
import type { StagedContent } from './staged-content.ts';

/** What the demo measured. */
export interface DemoResult {
  readonly staged: StagedContent;
  readonly results: readonly {
    readonly name: string;
    readonly seconds: number;
    readonly usage: ProcessUsage | undefined;
  }[];
  readonly seederSentBytes: number;
  readonly seederUsage: ProcessUsage | undefined;
  /** Files that are not as they should be, over all leechers. */
  readonly differing: number;
}

/** The end of the demo, for somebody who sees it for the first time. */
export function summaryLines(result: DemoResult): readonly string[] {
  const { staged, results, seederSentBytes, differing } = result;
  const received = staged.bytes * results.length;
  const fromEachOther = Math.max(0, received - seederSentBytes);
  const longest = Math.max(...results.map(({ seconds }) => seconds));
  return [
    '',
    differing === 0
      ? `All ${results.length} copies are identical: ${count(staged.files)} files each, every SHA-256 the same.`
      : `${count(differing)} files DIFFER. Please report this.`,
    '',
    ...results.map(
      ({ name, seconds, usage }) => `  ${name.padEnd(8)} ${seconds.toFixed(1).padStart(5)} s${used(usage)}`,
    ),
    `  ${'seeder'.padEnd(8)} ${''.padStart(7)}${used(result.seederUsage)}`,
    '',
    `Together they received ${megabytes(received)} in ${longest.toFixed(1)} s, ${megabytes(received / longest)} a second:`,
    `  ${share(seederSentBytes, received)} came from the seeder, which sent ${(seederSentBytes / staged.bytes).toFixed(1)} copies;`,
    `  ${share(fromEachOther, received)} came from each other.`,
    'The more machines take part, the less the first one has to send per machine.',
  ];
}

function used(usage: ProcessUsage | undefined): string {
  if (usage === undefined) return '';
  return `   processor ${usage.cpuSeconds.toFixed(1)} s, memory at most ${megabytes(usage.peakBytes)}`;
}

function share(part: number, whole: number): string {
  return `${megabytes(part).padStart(8)} (${Math.round((part / whole) * 100)} %)`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function count(number: number): string {
  return number.toLocaleString('en-US');
}

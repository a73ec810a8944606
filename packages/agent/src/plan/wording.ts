import { formatCount } from '../units/count.ts';
import { formatDuration } from '../units/duration.ts';
import { formatBinarySize } from '../units/size.ts';
import type { PlanReport } from './report.ts';

/** What holds the rollout up at best, how the figures came about, and how far to trust them: sentences. */
export function limitsOf(report: PlanReport): readonly string[] {
  const { floor, simulated, seeds, brine } = report;
  return [
    `No scheme is faster than ${formatDuration(floor.seconds)}: ${FLOOR_REASONS[floor.reason](floor.site ?? '')}.`,
    `Simulated ${formatCount(simulated.hostCount)} machines at ${formatCount(simulated.siteCount)} sites, ` +
      `${formatCount(simulated.pieceCount)} pieces of ${formatBinarySize(simulated.pieceLength)}` +
      `${simulated.timeFactor > 1.005 ? `, ${simulated.timeFactor.toFixed(1)} times faster than life` : ''}, ` +
      `${seeds.length === 1 ? 'once' : `${seeds.length} times with different chance; in brackets from the least to the most`}.`,
    ...(simulated.sampled ? [sampleSentence(report)] : []),
    ...(brine.unfinished.max > 0
      ? [
          `Up to ${(brine.unfinished.max * 100).toFixed(1)} % of the machines were not done when the simulation gave up; ` +
            'look at start times, schedules and churn.',
        ]
      : []),
    `That took ${formatDuration(report.tookSeconds)} to find out.`,
  ];
}

function sampleSentence({ simulated, siteCount, hostCount }: PlanReport): string {
  const sites =
    simulated.siteCount < siteCount
      ? `${formatCount(simulated.siteCount)} of the ${formatCount(siteCount)} sites, with their part of the origin's line, speak for all`
      : '';
  const hosts =
    simulated.hostCount < (hostCount * simulated.siteCount) / siteCount
      ? 'of large sites at most 50 machines were simulated'
      : '';
  return `This is a sample: ${[sites, hosts].filter((part) => part !== '').join('; ')}. The true fleet will differ by a few per cent more.`;
}

const FLOOR_REASONS: Readonly<Record<PlanReport['floor']['reason'], (site: string) => string>> = {
  'site line': (site) => `one payload takes so long through the line of ${site}`,
  'origin line': () => "one payload takes so long through the origin's line",
  'all lines together': () => 'what all sites need takes so long out of the origin and the sites together',
};

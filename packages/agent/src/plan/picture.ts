import { formatCount } from '../units/count.ts';
import { formatDuration } from '../units/duration.ts';
import { formatSize } from '../units/size.ts';
import type { PlanReport, SiteSummary } from './report.ts';
import { STYLE } from './picture-style.ts';
import { attributesOf, escaped, line, range, rect, text } from './svg-elements.ts';

const WIDTH = 960;
const MARGIN = 24;
const NAME_WIDTH = 150;
const RATIO_WIDTH = 190;
const GAP = 40;
const HEAD = 128;
const ROWS_MAX = 100;
/** Room for the numbers behind the bars. */
const LABEL_WIDTH = 84;
/** In a comparison there are two numbers. */
const LABEL_WIDTH_TWO = 148;

/**
 * A plan as a picture, SVG 1.1: a bar for each site until it is done, fastest first, with the range over all runs and the floor, and
 * beside it what came in over its line. Text is text; colours follow the reader's light or dark scheme, and do not rest on hue alone.
 */
export function pictureOf(report: PlanReport): string {
  const sites = shownSites(report);
  const rowHeight = sites.length <= 24 ? 22 : 11;
  const bottom = HEAD + sites.length * rowHeight;
  const height = bottom + 74;
  const summaries = sites.flatMap(({ brine, plain }) => (plain === undefined ? [brine] : [brine, plain]));
  const ratioMax = Math.max(1.2, ...summaries.map(({ wanInRatio }) => wanInRatio.max)) * 1.02;
  const ends = summaries.map(({ lastSeconds }) => finite(lastSeconds.max));
  const timeMax = Math.max(...ends, report.floor.seconds) * 1.02;
  const timeLeft = MARGIN + NAME_WIDTH;
  const ratioLeft = WIDTH - MARGIN - RATIO_WIDTH;
  const labelWidth = report.plain === undefined ? LABEL_WIDTH : LABEL_WIDTH_TWO;
  const timeWidth = ratioLeft - GAP - timeLeft - labelWidth;
  const timeX = (seconds: number): number =>
    timeLeft + (Math.min(finite(seconds), timeMax) / timeMax) * timeWidth;
  const ratioX = (ratio: number): number => ratioLeft + (ratio / ratioMax) * (RATIO_WIDTH - labelWidth / 2);
  const rows = sites.map((site, index) =>
    row(site, {
      y: HEAD + index * rowHeight,
      rowHeight,
      timeX,
      ratioX,
      labelled: rowHeight > 12 || isCorner(index, sites.length),
    }),
  );
  return `${[
    `<svg ${attributesOf({ xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${WIDTH} ${height}`, width: WIDTH, height, role: 'img', 'aria-labelledby': 'title' })}>`,
    `<title id="title">${escaped(titleOf(report))}</title>`,
    STYLE,
    `<rect class="page" width="${WIDTH}" height="${height}"/>`,
    ...header(report, { timeLeft, ratioLeft }),
    ...ticks(timeMax, timeX, bottom),
    ...rows,
    line('floor', timeX(report.floor.seconds), HEAD - 6, bottom + 4),
    line('floor', ratioX(1), HEAD - 6, bottom + 4),
    ...footer(report, bottom, timeX(report.floor.seconds), ratioX(1)),
    '</svg>',
  ].join('\n')}\n`;
}

interface Row {
  readonly y: number;
  readonly rowHeight: number;
  readonly timeX: (seconds: number) => number;
  readonly ratioX: (ratio: number) => number;
  readonly labelled: boolean;
}

interface ShownSite {
  readonly brine: SiteSummary;
  readonly plain: SiteSummary | undefined;
}

function row({ brine, plain }: ShownSite, { y, rowHeight, timeX, ratioX, labelled }: Row): string {
  const bar = Math.max(5, rowHeight - 8);
  const top = y + (rowHeight - bar) / 2;
  const middle = y + rowHeight / 2;
  const { lastSeconds, wanInRatio } = brine;
  const compared =
    plain === undefined
      ? []
      : [
          rect('plain-bar', timeX(0), top, timeX(plain.lastSeconds.median) - timeX(0), bar),
          rect('plain-bar', ratioX(0), top, ratioX(plain.wanInRatio.median) - ratioX(0), bar),
        ];
  const parts = [
    ...compared,
    rect('time', timeX(0), top, timeX(lastSeconds.median) - timeX(0), bar),
    range(timeX(lastSeconds.min), timeX(lastSeconds.max), middle),
    rect('bytes', ratioX(0), top, ratioX(wanInRatio.median) - ratioX(0), bar),
    range(ratioX(wanInRatio.min), ratioX(wanInRatio.max), middle),
  ];
  if (labelled) {
    const rightOf = Math.max(lastSeconds.max, finite(plain?.lastSeconds.median ?? 0));
    const done = numbers(lastSeconds.median, plain?.lastSeconds.median, duration);
    const ratios = numbers(wanInRatio.median, plain?.wanInRatio.median, (ratio) => ratio.toFixed(2));
    parts.push(
      text('name', timeX(0) - 8, middle + 4, shortened(brine.name)),
      text('number', timeX(rightOf) + 6, middle + 4, done),
      text('number', ratioX(Math.max(wanInRatio.max, plain?.wanInRatio.median ?? 0)) + 6, middle + 4, ratios),
    );
  }
  const tip = `${brine.name}: ${formatCount(brine.hosts)} machines, ${wanInRatio.median.toFixed(3)} × the payload`;
  return `<g><title>${escaped(tip)}</title>${parts.join('')}</g>`;
}

function header(
  report: PlanReport,
  { timeLeft, ratioLeft }: { readonly timeLeft: number; readonly ratioLeft: number },
): readonly string[] {
  const { brine, plain } = report;
  const done = duration(brine.lastSeconds.median);
  const compared =
    plain === undefined || plain.lastSeconds.median === Infinity
      ? ''
      : `; plain BitTorrent ${formatDuration(plain.lastSeconds.median)}, ${plain.wanInRatio.median.toFixed(2)} × into a site`;
  return [
    text('title', MARGIN, MARGIN + 16, titleOf(report)),
    text(
      'plain',
      MARGIN,
      MARGIN + 40,
      `All done after ${done}, ${brine.timesFloor.median.toFixed(2)} × the floor; ${brine.wanInRatio.median.toFixed(2)} × the payload into a site${compared}`,
    ),
    text('head', timeLeft, HEAD - 30, 'until the last machine of the site is done'),
    text('head', ratioLeft, HEAD - 30, 'into the site, × payload'),
  ];
}

function footer(
  { seeds, simulated, siteCount, plain }: PlanReport,
  bottom: number,
  floorX: number,
  oneX: number,
): readonly string[] {
  const sites =
    simulated.siteCount > ROWS_MAX || simulated.sampled
      ? ` ${Math.min(ROWS_MAX, simulated.siteCount)} of ${formatCount(siteCount)} sites, evenly chosen, fastest first.`
      : ' Fastest first.';
  return [
    text('note end', floorX, bottom + 34, 'floor'),
    text('note end', oneX, bottom + 34, 'one payload'),
    text(
      'note',
      MARGIN,
      bottom + 58,
      `Bars: median of ${seeds.length} simulation${seeds.length === 1 ? '' : 's'}; thin lines: from the least to the most${plain === undefined ? '' : '; outlines and second numbers: plain BitTorrent'}.${sites}`,
    ),
  ];
}

function ticks(timeMax: number, timeX: (seconds: number) => number, bottom: number): readonly string[] {
  const step = niceStep(timeMax / 4);
  const count = Math.floor(timeMax / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step).flatMap((seconds) => [
    line('grid', timeX(seconds), HEAD - 6, bottom + 4),
    text('tick', timeX(seconds), HEAD - 12, seconds === 0 ? '0' : formatDuration(seconds)),
  ]);
}

/** The next round number of seconds, minutes, hours or days. */
function niceStep(seconds: number): number {
  return STEPS.find((step) => step >= seconds) ?? Math.ceil(seconds / 604_800) * 604_800;
}

const STEPS = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800,
  604_800,
];

/** All sites, fastest first; of too many, some at equal distances, the first and the last among them. */
function shownSites({ brine, plain }: PlanReport): readonly ShownSite[] {
  const sorted = brine.sites
    .map((site, index): ShownSite => ({ brine: site, plain: plain?.sites[index] }))
    .sort((a, b) => a.brine.lastSeconds.median - b.brine.lastSeconds.median);
  const count = Math.min(sorted.length, ROWS_MAX);
  if (count === sorted.length) return sorted;
  return Array.from(
    { length: count },
    (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (count - 1))]!,
  );
}

function titleOf({ payloadBytes, hostCount, siteCount }: PlanReport): string {
  return `${formatSize(payloadBytes)} to ${formatCount(hostCount)} machines at ${formatCount(siteCount)} sites`;
}

/** Ours, and behind a stroke the one that it is compared with. */
function numbers(ours: number, plain: number | undefined, format: (value: number) => string): string {
  return plain === undefined ? format(ours) : `${format(ours)} / ${format(plain)}`;
}

function duration(seconds: number): string {
  return seconds === Infinity ? 'never' : formatDuration(seconds);
}

/** Where rows are too low for text, a few of them are named. */
function isCorner(index: number, count: number): boolean {
  const every = Math.ceil(count / 12);
  return index % every === 0 || (index === count - 1 && index % every > every / 2);
}

function shortened(name: string): string {
  return name.length > 20 ? `…${name.slice(-19)}` : name;
}

function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}

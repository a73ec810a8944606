import { formatAddress } from '../address-argument.ts';
import { formatCount } from '../units/count.ts';
import { formatDuration } from '../units/duration.ts';
import { formatRate } from '../units/rate.ts';
import { formatBinarySize, formatSize } from '../units/size.ts';
import type { DamagedFile, Progress, Report, ReportedPhase } from './report.ts';

/** What a person reads about a report that is not progress; may be several lines. */
export function sentenceOf(report: Exclude<Report, Progress>): string {
  switch (report.event) {
    case 'listening':
      return `Listening on ${formatAddress(report.address)}`;
    case 'ready':
      return `Ready: ${report.name} (${report.infoHash})`;
    case 'complete':
      return `Complete: ${report.path}, ${formatSize(report.bytesTotal)} in ${formatSeconds(report.seconds)}${meanRate(report.downloadedBytes, report.seconds)}${fromLan(report)}`;
    case 'stopped':
      return report.percent === 100
        ? `Stopped after uploading ${formatSize(report.uploadedBytes)}.`
        : `Stopped at ${formatPercent(report.percent)}. The same command goes on from there.`;
    case 'created':
      return [
        `Created ${report.file}: ${count(report.fileCount, 'file')}, ${formatSize(report.bytesTotal)}, ` +
          `${count(report.pieceCount, 'piece')} of ${formatBinarySize(report.pieceLength)}, in ${formatSeconds(report.seconds)}`,
        `info-hash  ${report.infoHash}`,
        `magnet     ${report.magnet}`,
      ].join('\n');
    case 'verified':
      return report.ok
        ? `Verified ${report.name}: all ${count(report.pieceCount, 'piece')}, ${formatSize(report.bytesTotal)}, are right.`
        : [
            `${report.name}: ${report.piecesGood} of ${count(report.pieceCount, 'piece')} are right.`,
            ...damageLines(report.damagedFiles),
          ].join('\n');
    case 'warning':
    case 'error':
      break;
  }
  return report.message;
}

/** One line of progress without the bar: `41.3 %  412 MB of 1.00 GB  down 52.1 MB/s  up 0 B/s  4 peers  LAN 71 %  ETA 11 s`. */
export function progressDetails(progress: Progress): string {
  const size = `${formatSize(progress.bytesDone)} of ${formatSize(progress.bytesTotal)}`;
  const parts = progress.bytesTotal > 0 ? [formatPercent(shownPercent(progress)), size] : [];
  if (progress.downBytesPerSecond !== undefined && progress.phase !== 'seeding') {
    parts.push(`down ${formatRate(progress.downBytesPerSecond)}`);
  }
  if (progress.upBytesPerSecond !== undefined) parts.push(`up ${formatRate(progress.upBytesPerSecond)}`);
  if (progress.peers !== undefined) parts.push(count(progress.peers, 'peer'));
  const lan = lanShare(progress);
  if (lan !== undefined && progress.phase !== 'seeding') parts.push(`LAN ${lan} %`);
  if (progress.etaSeconds !== undefined && progress.percent < 100) {
    parts.push(`ETA ${formatDuration(progress.etaSeconds)}`);
  }
  return parts.join('  ');
}

/** What the number before the percent sign is about: the check while content is being checked, otherwise the payload. */
export function shownPercent(progress: Progress): number {
  return progress.phase === 'checking' ? (progress.checkedPercent ?? progress.percent) : progress.percent;
}

/** The phase as the first word of a line. */
export function phaseWord(phase: ReportedPhase): string {
  return PHASE_WORDS[phase];
}

/** `1 file`, `1,000 files`. */
export function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function formatPercent(percent: number): string {
  return percent === 100 ? '100 %' : `${(Math.floor(percent * 10) / 10).toFixed(1)} %`;
}

function formatSeconds(seconds: number): string {
  return seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds);
}

function meanRate(bytes: number, seconds: number): string {
  return bytes > 0 && seconds > 0 ? ` (${formatRate(bytes / seconds)})` : '';
}

function fromLan(report: Pick<Progress, 'traffic' | 'site'>): string {
  const lan = lanShare(report);
  return lan === undefined ? '' : `, ${lan} % from the LAN`;
}

/** Of the bytes received, in whole percent, rounded down. Undefined where nobody would ask: no site configured, and all from one side. */
function lanShare({ traffic, site }: Pick<Progress, 'traffic' | 'site'>): number | undefined {
  if (traffic === undefined) return undefined;
  const lanBytes = traffic.site.downloadedBytes;
  const outsideBytes = traffic.near.downloadedBytes + traffic.wan.downloadedBytes;
  if (lanBytes + outsideBytes === 0) return undefined;
  if (site === undefined && (lanBytes === 0 || outsideBytes === 0)) return undefined;
  return Math.floor((100 * lanBytes) / (lanBytes + outsideBytes));
}

function damageLines(files: readonly DamagedFile[]): readonly string[] {
  const lines = files
    .slice(0, DAMAGE_LINES_MAX)
    .map(({ path, problem }) => `  ${DAMAGE_WORDS[problem]}  ${path}`);
  const more = files.length - lines.length;
  return more > 0 ? [...lines, `  and ${formatCount(more)} more; --json lists all`] : lines;
}

const DAMAGE_LINES_MAX = 50;
const DAMAGE_WORDS = {
  missing: 'missing      ',
  'wrong-size': 'wrong size   ',
  'wrong-content': 'wrong content',
};
const PHASE_WORDS: Readonly<Record<ReportedPhase, string>> = {
  resolving: 'Finding metadata',
  opening: 'Opening',
  checking: 'Checking',
  downloading: 'Downloading',
  seeding: 'Seeding',
  waiting: 'Waiting for the disk',
  paused: 'Paused',
  failed: 'Failed',
  hashing: 'Hashing',
};

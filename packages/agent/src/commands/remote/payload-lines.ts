import type { PayloadStatus } from '@brine/control-http/client';

import { formatColumns } from '../../terminal/columns.ts';
import { formatDuration } from '../../units/duration.ts';
import { formatRate } from '../../units/rate.ts';
import { formatSize } from '../../units/size.ts';

/** Payloads as a table, and below it what is wrong with whom. */
export function payloadLines(payloads: readonly PayloadStatus[]): string[] {
  if (payloads.length === 0) return ['No payloads. Order one: brine add NAME FILE|MAGNET|INFOHASH'];
  const rows = payloads.map((each) => [
    each.name,
    each.phase,
    `${percentText(each.percent)} %`,
    each.bytesTotal === 0 ? '' : formatSize(each.bytesTotal),
    formatRate(each.downBytesPerSecond),
    formatRate(each.upBytesPerSecond),
    String(each.peers),
    each.etaSeconds === undefined || each.complete ? '' : formatDuration(each.etaSeconds),
  ]);
  return [...formatColumns(HEAD, rows, NUMBERS), ...payloads.flatMap(troubleLines)];
}

/** One line: what changed with a payload. */
export function progressLine({
  name,
  phase,
  percent,
  downBytesPerSecond,
  etaSeconds,
  complete,
}: PayloadStatus): string {
  const rate = downBytesPerSecond > 0 ? `, ${formatRate(downBytesPerSecond)}` : '';
  const eta = etaSeconds === undefined || complete ? '' : `, ${formatDuration(etaSeconds)} left`;
  return `${name}: ${phase}, ${percentText(percent)} %${rate}${eta}`;
}

function troubleLines({ name, error }: PayloadStatus): string[] {
  return error === undefined ? [] : ['', `${name}: ${error.message}`, `  ${error.wayOut}`];
}

/** Never rounded up: 100 means complete. */
function percentText(percent: number): string {
  return (Math.floor(percent * 10) / 10).toFixed(1);
}

const HEAD = ['NAME', 'PHASE', 'DONE', 'SIZE', 'DOWN', 'UP', 'PEERS', 'LEFT'];
const NUMBERS: ReadonlySet<number> = new Set([2, 3, 4, 5, 6, 7]);

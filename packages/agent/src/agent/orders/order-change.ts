import type { OrderPart } from '@brine/control-http';

import type { PayloadRecord } from './payload-record.ts';
import type { ReadOrder } from './read-order.ts';

/** The record that a new order under a known name leads to: what it leaves unsaid stays as it was. */
export function mergeOrder(
  before: PayloadRecord | undefined,
  { record, saysPaused }: ReadOrder,
): PayloadRecord {
  if (before === undefined) return record;
  const paused = saysPaused ? record.paused : before.paused;
  const orderedAt = before.infohash === record.infohash ? before.orderedAt : record.orderedAt;
  const { acknowledgedAt } = before;
  const isNoted = before.infohash === record.infohash && acknowledgedAt !== undefined;
  return { ...record, paused, orderedAt, ...(isNoted ? { acknowledgedAt } : {}) };
}

/** What of an order is otherwise than before; a place that is reached another way is another place. */
export function changedParts(from: PayloadRecord, to: PayloadRecord): readonly OrderPart[] {
  const differ = (part: keyof PayloadRecord): boolean =>
    JSON.stringify(from[part]) !== JSON.stringify(to[part]);
  return PARTS.filter((part) => differ(part) || (part === 'path' && differ('directory')));
}

const PARTS = [
  'infohash',
  'magnet',
  'path',
  'mode',
  'peers',
  'trackers',
  'limits',
  'paused',
] as const satisfies readonly OrderPart[];

import { ServiceError } from '@brine/control-http';

import type { PayloadRecord, Removal } from './payload-record.ts';

/** What has to happen so that one set of orders becomes another. */
export interface OrderPlan {
  readonly additions: readonly PayloadRecord[];
  /** The same content as before, ordered a little otherwise. */
  readonly updates: readonly { readonly from: PayloadRecord; readonly to: PayloadRecord }[];
  readonly removals: readonly Omit<Removal, 'data'>[];
}

export type Records = ReadonlyMap<string, PayloadRecord>;

/**
 * Compares by content: what is ordered under another name stays as it is. Throws `ServiceError` `infohash-taken` or
 * `order-conflicts`.
 */
export function planOrders(before: Records, after: Records): OrderPlan {
  const had = byContent(before);
  const wanted = byContent(after);
  const additions: PayloadRecord[] = [];
  const updates: { from: PayloadRecord; to: PayloadRecord }[] = [];
  for (const to of wanted.values()) {
    const from = had.get(to.infohash);
    if (from === undefined) additions.push(to);
    else if (from !== to && JSON.stringify(from) !== JSON.stringify(to))
      updates.push({ from: mustAgree(from, to), to });
  }
  const removals = [...had.values()].filter(({ infohash }) => !wanted.has(infohash));
  return {
    additions,
    updates,
    removals: removals.map(({ infohash, directory, mode }) => ({ infohash, directory, mode })),
  };
}

function byContent(records: Records): ReadonlyMap<string, PayloadRecord> {
  const found = new Map<string, PayloadRecord>();
  for (const record of records.values()) {
    const other = found.get(record.infohash);
    if (other !== undefined)
      throw new ServiceError(
        'infohash-taken',
        `"${record.name}" and "${other.name}" are the same content (${record.infohash}). Order it once, or remove the other first.`,
      );
    found.set(record.infohash, record);
  }
  return found;
}

function mustAgree(from: PayloadRecord, to: PayloadRecord): PayloadRecord {
  if (from.directory === to.directory && from.mode === to.mode) return from;
  throw new ServiceError(
    'order-conflicts',
    `"${to.name}" was ordered to ${from.directory} (${from.mode}), not to ${to.directory} (${to.mode}). Remove it first, then order it anew.`,
    { pointer: from.directory === to.directory ? '/mode' : '/path' },
  );
}

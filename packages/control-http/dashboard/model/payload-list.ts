import type { PayloadStatus } from '@brine/control-http/client';

export const FILTERS = ['all', 'active', 'trouble', 'paused', 'complete'] as const;
export type Filter = (typeof FILTERS)[number];

export type SortKey = 'name' | 'percent' | 'size' | 'down' | 'up' | 'peers' | 'left';

/** How somebody wants to see the list. */
export interface ListOrder {
  readonly query: string;
  readonly filter: Filter;
  readonly sort: SortKey;
  readonly descending: boolean;
}

export const NAMES_FIRST: ListOrder = { query: '', filter: 'all', sort: 'name', descending: false };

/** The payloads that fit, in order. Those that are equal stay in the order of their names. */
export function listPayloads(payloads: Iterable<PayloadStatus>, order: ListOrder): PayloadStatus[] {
  const words = order.query.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = [...payloads].filter(
    (each) => fits(each, order.filter) && words.every((word) => textOf(each).includes(word)),
  );
  const sign = order.descending ? -1 : 1;
  const value = VALUES[order.sort];
  return fitting.sort((a, b) => sign * compare(value(a), value(b)) || compare(a.name, b.name));
}

/** How many each filter lets through. */
export function countByFilter(payloads: Iterable<PayloadStatus>): Readonly<Record<Filter, number>> {
  const counts = { all: 0, active: 0, trouble: 0, paused: 0, complete: 0 };
  for (const each of payloads) for (const filter of FILTERS) if (fits(each, filter)) counts[filter] += 1;
  return counts;
}

function fits(
  { phase, complete, error, downBytesPerSecond, upBytesPerSecond }: PayloadStatus,
  filter: Filter,
): boolean {
  switch (filter) {
    case 'all':
      return true;
    case 'active':
      return ACTIVE.has(phase) || downBytesPerSecond + upBytesPerSecond > 0;
    case 'trouble':
      return error !== undefined || phase === 'failed' || phase === 'waiting';
    case 'paused':
      return phase === 'paused';
    case 'complete':
      return complete;
  }
}

const ACTIVE: ReadonlySet<string> = new Set(['resolving', 'opening', 'checking', 'downloading']);

function textOf({ name, path, infohash }: PayloadStatus): string {
  return `${name}\n${path}\n${infohash}`.toLowerCase();
}

const VALUES: Readonly<Record<SortKey, (status: PayloadStatus) => string | number>> = {
  name: ({ name }) => name.toLowerCase(),
  percent: ({ percent }) => percent,
  size: ({ bytesTotal }) => bytesTotal,
  down: ({ downBytesPerSecond }) => downBytesPerSecond,
  up: ({ upBytesPerSecond }) => upBytesPerSecond,
  peers: ({ peers }) => peers,
  // Who needs nothing more comes first, of whom nobody knows last.
  left: ({ complete, etaSeconds }) => (complete ? -1 : (etaSeconds ?? Infinity)),
};

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

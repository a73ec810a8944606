import type { PayloadStatus } from '@brine/control-http/client';
import type { VNode } from 'preact';

import type { ListOrder, SortKey } from '../model/payload-list.ts';
import { PayloadRow } from './payload-row.tsx';

const COLUMNS: readonly [key: SortKey, label: string, descendingFirst: boolean][] = [
  ['name', 'Name', false],
  ['percent', 'Progress', true],
  ['size', 'Size', true],
  ['down', 'Receiving', true],
  ['up', 'Sending', true],
  ['peers', 'Peers', true],
  ['left', 'Left', false],
];

/**
 * A table by its roles, and a grid in its looks: on a narrow page every row becomes a card. All rows are there, also when there are a
 * thousand, so that searching in the page and screen readers find them.
 */
export function PayloadTable(props: {
  readonly payloads: readonly PayloadStatus[];
  readonly order: ListOrder;
  readonly change: (part: Partial<ListOrder>) => void;
}): VNode {
  const { payloads, order, change } = props;
  const sortBy = (sort: SortKey, descendingFirst: boolean): void =>
    change({ sort, descending: order.sort === sort ? !order.descending : descendingFirst });
  return (
    <div role="table" aria-labelledby="payloads-heading" aria-rowcount={payloads.length + 1}>
      <div role="rowgroup">
        <div class="row row-head" role="row">
          {COLUMNS.map(([key, label, descendingFirst]) => (
            <div
              key={key}
              class={`cell cell-${key}`}
              role="columnheader"
              aria-sort={order.sort === key ? (order.descending ? 'descending' : 'ascending') : 'none'}
            >
              <button type="button" class="sort" onClick={() => sortBy(key, descendingFirst)}>
                {label}
                <span class="sort-mark" aria-hidden="true">
                  {order.sort === key ? (order.descending ? '▾' : '▴') : ''}
                </span>
              </button>
            </div>
          ))}
          <div class="cell cell-action" role="columnheader">
            <span class="unseen">Action</span>
          </div>
        </div>
      </div>
      <div role="rowgroup" class="rows">
        {payloads.map((status) => (
          <PayloadRow key={status.name} status={status} />
        ))}
      </div>
    </div>
  );
}

import { useComputed, useSignal } from '@preact/signals';
import type { VNode } from 'preact';

import { countByFilter, FILTERS, listPayloads, NAMES_FIRST } from '../model/payload-list.ts';
import type { Filter, ListOrder } from '../model/payload-list.ts';
import { usePage } from '../page.ts';
import { PlusIcon, SearchIcon } from './icons.tsx';
import { PayloadTable } from './payload-table.tsx';
import { RatePlots } from './rate-plots.tsx';
import { Totals } from './totals.tsx';

/** The first view: what the machine does, and all payloads. */
export function PayloadsView(): VNode {
  const { payloads } = usePage();
  const order = useSignal<ListOrder>(NAMES_FIRST);
  const counts = useComputed(() => countByFilter(payloads.value?.values() ?? []));
  const shown = useComputed(() => listPayloads(payloads.value?.values() ?? [], order.value));
  const change = (part: Partial<ListOrder>): void => {
    order.value = { ...order.value, ...part };
  };
  return (
    <>
      <Totals />
      <RatePlots />
      <section class="card payloads" aria-labelledby="payloads-heading">
        <div class="section-head">
          <h1 id="payloads-heading" tabIndex={-1}>
            Payloads
          </h1>
          <Filters order={order.value} counts={counts.value} change={change} />
          <label class="search">
            <SearchIcon />
            <span class="unseen">Search names, paths and info-hashes</span>
            <input
              type="search"
              placeholder="Search"
              value={order.value.query}
              onInput={(event) => change({ query: event.currentTarget.value })}
            />
          </label>
          <a class="button primary" href="#/add">
            <PlusIcon /> Add a payload
          </a>
        </div>
        {payloads.value === undefined ? (
          <p class="empty" role="status">
            Asking the agent…
          </p>
        ) : payloads.value.size === 0 ? (
          <Empty />
        ) : shown.value.length === 0 ? (
          <p class="empty">Nothing fits. {payloads.value.size} payloads are here.</p>
        ) : (
          <PayloadTable payloads={shown.value} order={order.value} change={change} />
        )}
      </section>
    </>
  );
}

function Filters(props: {
  readonly order: ListOrder;
  readonly counts: Readonly<Record<Filter, number>>;
  readonly change: (part: Partial<ListOrder>) => void;
}): VNode {
  return (
    <div class="filters" role="group" aria-label="Show">
      {FILTERS.map((filter) => (
        <button
          key={filter}
          type="button"
          class={filter === 'trouble' && props.counts.trouble > 0 ? 'chip chip-bad' : 'chip'}
          aria-pressed={props.order.filter === filter}
          onClick={() => props.change({ filter })}
        >
          {LABELS[filter]} <span class="chip-count">{props.counts[filter]}</span>
        </button>
      ))}
    </div>
  );
}

function Empty(): VNode {
  return (
    <div class="empty">
      <p>
        <strong>No payloads yet.</strong> A payload is a file or a folder that this machine shall have, as a
        torrent describes it.
      </p>
      <p>
        Add one here, or say <code>brine add maps maps.torrent</code> on the machine.
      </p>
    </div>
  );
}

const LABELS: Readonly<Record<Filter, string>> = {
  all: 'All',
  active: 'Active',
  trouble: 'Trouble',
  paused: 'Paused',
  complete: 'Complete',
};

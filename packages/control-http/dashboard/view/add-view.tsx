import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { EMPTY_ORDER, readOrderForm, suggestName } from '../model/order-form.ts';
import type { OrderForm, OrderReading } from '../model/order-form.ts';
import { usePage } from '../page.ts';
import { described, Field, focusFirst } from './field.tsx';
import { BackIcon } from './icons.tsx';
import { useOrder } from './orders.ts';
import { TorrentPicker } from './torrent-picker.tsx';

type Faults = Extract<OrderReading, { type: 'faults' }>['faults'];

/** Orders a payload. */
export function AddView(): VNode {
  const { payloads, engine, go } = usePage();
  const { isBusy, give } = useOrder();
  const [form, setForm] = useState(EMPTY_ORDER);
  const [faults, setFaults] = useState<Faults>(new Map());
  // A name that somebody typed stays; one that was suggested follows the content.
  const change = (part: Partial<OrderForm>): void => {
    const next = { ...form, ...part };
    const isOwn = form.name !== '' && form.name !== suggestName(form);
    setForm('name' in part || isOwn ? next : { ...next, name: suggestName(next) });
  };
  const order = async (event: Event): Promise<void> => {
    event.preventDefault();
    const reading = readOrderForm(form, new Set(payloads.value?.keys()));
    setFaults(reading.type === 'faults' ? reading.faults : new Map());
    if (reading.type === 'faults') return focusFirst(reading.faults);
    const { name } = reading;
    if (await give((agent) => agent.put(name, reading.order), `${name} is ordered.`))
      go({ view: 'payload', name });
  };
  return (
    <>
      <a class="back" href="#/">
        <BackIcon /> All payloads
      </a>
      <section class="card form-card">
        <h1 tabIndex={-1}>Add a payload</h1>
        <form class="form" noValidate onSubmit={(event) => void order(event)}>
          <TorrentPicker form={form} change={change} fault={faults.get('link')} />
          <Field
            id="name"
            label="Name"
            hint="What it is called here, on the command line and in the API."
            fault={faults.get('name')}
          >
            <input
              id="name"
              value={form.name}
              autocomplete="off"
              spellcheck={false}
              {...described('name', faults.get('name'))}
              onInput={(event) => change({ name: event.currentTarget.value })}
            />
          </Field>
          <Field id="path" label="Folder" hint={rootsHint(engine.value?.roots ?? [])}>
            <input
              id="path"
              value={form.path}
              list="roots"
              placeholder={engine.value?.roots[0] ?? ''}
              spellcheck={false}
              {...described('path', undefined)}
              onInput={(event) => change({ path: event.currentTarget.value })}
            />
            <datalist id="roots">
              {engine.value?.roots.map((root) => (
                <option key={root} value={root} />
              ))}
            </datalist>
          </Field>
          <Modes form={form} change={change} />
          <details class="more">
            <summary>Peers and trackers</summary>
            <Field
              id="peers"
              label="Peers to begin with"
              hint="host:port, one in each line; IPv6 in brackets."
            >
              <textarea
                id="peers"
                rows={3}
                value={form.peers}
                spellcheck={false}
                {...described('peers', undefined)}
                onInput={(event) => change({ peers: event.currentTarget.value })}
              />
            </Field>
            <Field
              id="trackers"
              label="Further trackers"
              hint="http, https or udp addresses, one in each line."
            >
              <textarea
                id="trackers"
                rows={3}
                value={form.trackers}
                spellcheck={false}
                {...described('trackers', undefined)}
                onInput={(event) => change({ trackers: event.currentTarget.value })}
              />
            </Field>
          </details>
          <label class="check">
            <input
              type="checkbox"
              checked={form.paused}
              onChange={(event) => change({ paused: event.currentTarget.checked })}
            />
            <span>Do not begin yet</span>
          </label>
          <div class="form-actions">
            <button type="submit" class="button primary" disabled={isBusy}>
              Add
            </button>
            <a class="button" href="#/">
              Cancel
            </a>
          </div>
        </form>
      </section>
    </>
  );
}

function Modes(props: {
  readonly form: OrderForm;
  readonly change: (part: Partial<OrderForm>) => void;
}): VNode {
  return (
    <fieldset class="choices">
      <legend>What is to be done</legend>
      {MODES.map(([mode, title, text]) => (
        <label key={mode}>
          <input
            type="radio"
            name="mode"
            checked={props.form.mode === mode}
            onChange={() => props.change({ mode })}
          />
          <span>
            <strong>{title}</strong> {text}
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function rootsHint(roots: readonly string[]): string {
  const [first, ...others] = roots;
  if (first === undefined) return 'Below one of the agent’s roots.';
  return `Empty: ${first}. ${others.length === 0 ? 'It must be there or below.' : `It must be below ${roots.join(' or ')}.`}`;
}

const MODES = [
  ['download', 'Fetch it.', 'It appears in the folder when it is complete and verified.'],
  ['adopt', 'Complete what is there.', 'Files that stand in the folder already are checked and used.'],
  ['seed', 'Serve what is there.', 'Nothing is written; everything must be there.'],
] as const;

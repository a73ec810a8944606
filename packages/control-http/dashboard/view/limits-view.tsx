import type { LimitsView as Limits } from '@brine/control-http/client';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';

import { formOfLimits, readLimits } from '../model/limit-form.ts';
import type { LimitsForm, Reading, Scope } from '../model/limit-form.ts';
import { usePage } from '../page.ts';
import { focusFirst } from './field.tsx';
import { useOrder } from './orders.ts';
import { RatesEditor } from './rates-editor.tsx';

/** Limits over all payloads, with schedules. */
export function LimitsView(): VNode {
  const { limits } = usePage();
  return (
    <section class="card form-card">
      <h1 tabIndex={-1}>Limits</h1>
      {limits.value === undefined ? (
        <p class="empty" role="status">
          Asking the agent…
        </p>
      ) : (
        <LimitsEditor limits={limits.value} />
      )}
    </section>
  );
}

function LimitsEditor({ limits }: { readonly limits: Limits }): VNode {
  const { isBusy, give } = useOrder();
  const [base, setBase] = useState(limits);
  const [form, setForm] = useState(() => formOfLimits(limits));
  const [faults, setFaults] = useState<Faults>(new Map());
  const isChanged = JSON.stringify(form) !== JSON.stringify(formOfLimits(base));
  const isStale = JSON.stringify(base) !== JSON.stringify(limits);
  const show = (view: Limits): void => {
    setBase(view);
    setForm(formOfLimits(view));
    setFaults(new Map());
  };
  const load = (): void => show(limits);
  // What others change is followed, but never over what is being typed.
  useEffect(() => {
    if (isStale && !isChanged) load();
  }, [limits, isChanged]);
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const reading = readLimits(form);
    setFaults(reading.type === 'faults' ? reading.faults : new Map());
    if (reading.type === 'faults') return focusFirst(reading.faults);
    if (await give((agent) => agent.setLimits(reading.settings), 'The limits are in force.'))
      show({ ...reading.settings, source: 'order' });
  };
  const reset = async (): Promise<void> => {
    const done = await give(
      (agent) => agent.setLimits(undefined),
      'The limits are those of the configuration.',
    );
    // Then nothing is typed any more, and what comes from the agent is shown.
    if (done) setForm(formOfLimits(base));
  };
  const editor = (scope: Scope): VNode => (
    <ScopeEditor
      key={scope}
      scope={scope}
      form={form}
      faults={faults}
      change={(part) => setForm({ ...form, ...part })}
    />
  );
  return (
    <form class="form" noValidate onSubmit={(event) => void save(event)}>
      <p class="faint">
        {limits.source === 'order'
          ? 'Set here or through the API.'
          : 'As the agent’s configuration has them.'}{' '}
        A byte passes when every limit lets it. Changes are in force at once, also for what is under way.
      </p>
      {isStale && isChanged && (
        <p class="banner inline" role="status">
          Somebody else has changed the limits meanwhile.{' '}
          <button type="button" class="button small" onClick={load}>
            Show them, forget mine
          </button>
        </p>
      )}
      {editor('total')}
      {editor('outside')}
      <details class="more" open={CLASSES.some((scope) => Object.keys(base[scope] ?? {}).length > 0)}>
        <summary>By how near peers are</summary>
        {CLASSES.map(editor)}
      </details>
      <div class="form-actions">
        <button type="submit" class="button primary" disabled={isBusy || !isChanged}>
          Save
        </button>
        <button type="button" class="button" disabled={!isChanged} onClick={load}>
          Discard
        </button>
        {limits.source === 'order' && (
          <button type="button" class="button" disabled={isBusy} onClick={() => void reset()}>
            Back to the configuration
          </button>
        )}
      </div>
    </form>
  );
}

type Faults = Extract<Reading<unknown>, { type: 'faults' }>['faults'];

function ScopeEditor(props: {
  readonly scope: Scope;
  readonly form: LimitsForm;
  readonly faults: Faults;
  readonly change: (part: Partial<LimitsForm>) => void;
}): VNode {
  const { scope, form, faults, change } = props;
  const [title, text] = SCOPE_WORDS[scope];
  return (
    <fieldset class="scope">
      <legend>{title}</legend>
      <p class="hint">{text}</p>
      <RatesEditor
        id={scope}
        form={form[scope]}
        faults={faults}
        change={(rates) => change({ [scope]: rates })}
      />
    </fieldset>
  );
}

const CLASSES = ['site', 'near', 'wan'] as const;
const SCOPE_WORDS: Readonly<Record<Scope, readonly [title: string, text: string]>> = {
  total: ['Everything', 'Whatever this machine receives and sends, LAN and line together.'],
  outside: [
    'The line',
    'What leaves or enters the site. The limit that others at the site will thank you for.',
  ],
  site: ['Own site', 'Between machines of the site.'],
  near: ['Near sites', 'With sites that are configured as near.'],
  wan: ['Far sites', 'With all others.'],
};

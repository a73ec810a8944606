import type { VNode } from 'preact';

import { NEW_WINDOW } from '../model/limit-form.ts';
import type { RateForm, RatesForm } from '../model/limit-form.ts';
import { AmountField, OptionalAmount } from './amount-field.tsx';
import { Fault } from './field.tsx';
import { PlusIcon } from './icons.tsx';
import { WindowEditor } from './window-editor.tsx';

type Faults = ReadonlyMap<string, string>;

/** Two rates, one for each direction. `id` begins the ids of their fields. */
export function RatesEditor(props: {
  readonly id: string;
  readonly form: RatesForm;
  readonly faults: Faults;
  readonly change: (form: RatesForm) => void;
}): VNode {
  const { id, form, faults, change } = props;
  return (
    <div class="rates-editor">
      <RateEditor
        id={`${id}-down`}
        label="Receiving"
        form={form.down}
        faults={faults}
        change={(down) => change({ ...form, down })}
      />
      <RateEditor
        id={`${id}-up`}
        label="Sending"
        form={form.up}
        faults={faults}
        change={(up) => change({ ...form, up })}
      />
    </div>
  );
}

function RateEditor(props: {
  readonly id: string;
  readonly label: string;
  readonly form: RateForm;
  readonly faults: Faults;
  readonly change: (form: RateForm) => void;
}): VNode {
  const { id, label, form, faults, change } = props;
  const choose = (kind: RateForm['kind']): void =>
    change({
      ...form,
      kind,
      rate: kind === 'fixed' ? { ...form.rate, limited: true } : form.rate,
      windows: kind === 'schedule' && form.windows.length === 0 ? [NEW_WINDOW] : form.windows,
    });
  return (
    <div role="group" aria-label={label}>
      <div class="rate-line">
        <label for={`${id}-kind`}>{label}</label>
        <select
          id={`${id}-kind`}
          value={form.kind}
          onChange={(event) => choose(event.currentTarget.value as RateForm['kind'])}
        >
          <option value="unlimited">Unlimited</option>
          <option value="fixed">Limited to</option>
          <option value="schedule">By schedule</option>
        </select>
        {form.kind === 'fixed' && (
          <AmountField
            id={id}
            label={`${label}, rate`}
            form={form.rate}
            fault={faults.get(id)}
            change={(rate) => change({ ...form, rate })}
          />
        )}
      </div>
      {form.kind === 'schedule' && <ScheduleEditor {...props} />}
      <Fault id={id} fault={faults.get(id)} />
    </div>
  );
}

function ScheduleEditor(props: Parameters<typeof RateEditor>[0]): VNode {
  const { id, label, form, faults, change } = props;
  return (
    <div class="schedule">
      <ol class="windows">
        {form.windows.map((window, at) => (
          <WindowEditor
            key={at}
            id={`${id}-${at}`}
            label={`${label}, window ${at + 1}`}
            form={window}
            faults={faults}
            change={(next) => change({ ...form, windows: form.windows.with(at, next) })}
            remove={() => change({ ...form, windows: form.windows.toSpliced(at, 1) })}
          />
        ))}
      </ol>
      <button
        type="button"
        class="button small"
        onClick={() => change({ ...form, windows: [...form.windows, NEW_WINDOW] })}
      >
        <PlusIcon /> Add a window
      </button>
      <div class="rate-line">
        <span>Otherwise</span>
        <OptionalAmount
          id={id}
          label={`${label}, otherwise`}
          form={form.rate}
          fault={faults.get(id)}
          change={(rate) => change({ ...form, rate })}
        />
      </div>
      <div class="rate-line">
        <label for={`${id}-zone`}>Time zone</label>
        <input
          id={`${id}-zone`}
          value={form.timeZone}
          placeholder="that of the machine"
          spellcheck={false}
          onInput={(event) => change({ ...form, timeZone: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

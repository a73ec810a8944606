import type { PayloadDetails } from '@brine/control-http/client';
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';

import { formOfRates, readRates } from '../model/limit-form.ts';
import { Dialog } from './dialog.tsx';
import { focusFirst } from './field.tsx';
import { useOrder } from './orders.ts';
import { RatesEditor } from './rates-editor.tsx';

/** Limits of one payload alone. */
export function PayloadLimitsDialog(props: {
  readonly payload: PayloadDetails;
  readonly close: () => void;
}): VNode {
  const { payload, close } = props;
  const { name, limits } = payload;
  const { isBusy, give } = useOrder();
  const [form, setForm] = useState(() => formOfRates(limits));
  const [faults, setFaults] = useState<ReadonlyMap<string, string>>(new Map());
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const reading = readRates(form);
    setFaults(reading.type === 'faults' ? reading.faults : new Map());
    if (reading.type === 'faults') return focusFirst(reading.faults);
    if (await give((agent) => agent.setPayloadLimits(name, reading.settings), `${name} has its limits.`))
      close();
  };
  return (
    <Dialog title={`Limits of “${name}”`} close={close}>
      <form noValidate onSubmit={(event) => void save(event)}>
        <p class="faint">They hold beside those for everything.</p>
        <RatesEditor id="payload" form={form} faults={faults} change={setForm} />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={close}>
            Cancel
          </button>
          <button type="submit" class="button primary" disabled={isBusy}>
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}

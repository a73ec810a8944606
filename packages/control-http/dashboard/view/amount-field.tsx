import type { VNode } from 'preact';

import { AMOUNT_UNITS } from '../model/amount.ts';
import type { AmountUnit } from '../model/amount.ts';
import type { LimitForm } from '../model/limit-form.ts';

interface AmountProps {
  readonly id: string;
  readonly label: string;
  readonly form: LimitForm;
  readonly fault: string | undefined;
  readonly change: (form: LimitForm) => void;
}

/** A rate, or none. */
export function OptionalAmount(props: AmountProps): VNode {
  const { id, label, form, change } = props;
  return (
    <>
      <select
        aria-label={label}
        value={form.limited ? 'limited' : 'unlimited'}
        onChange={(event) => change({ ...form, limited: event.currentTarget.value === 'limited' })}
      >
        <option value="unlimited">unlimited</option>
        <option value="limited">limited to</option>
      </select>
      {form.limited && <AmountField {...props} id={id} label={`${label}, rate`} />}
    </>
  );
}

/** A number and its unit. */
export function AmountField({ id, label, form, fault, change }: AmountProps): VNode {
  const { amount } = form;
  return (
    <span class="amount">
      <input
        id={id}
        aria-label={label}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-fault`}
        inputMode="decimal"
        autocomplete="off"
        value={amount.text}
        onInput={(event) => change({ ...form, amount: { ...amount, text: event.currentTarget.value } })}
      />
      <select
        aria-label={`${label}, unit`}
        value={amount.unit}
        onChange={(event) =>
          change({ ...form, amount: { ...amount, unit: event.currentTarget.value as AmountUnit } })
        }
      >
        {Object.keys(AMOUNT_UNITS).map((unit) => (
          <option key={unit}>{unit}</option>
        ))}
      </select>
    </span>
  );
}

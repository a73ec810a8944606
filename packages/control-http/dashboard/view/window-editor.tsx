import type { VNode } from 'preact';

import { WEEKDAYS } from '../model/limit-form.ts';
import type { Weekday, WindowForm } from '../model/limit-form.ts';
import { nameOf } from '../model/limit-words.ts';
import { OptionalAmount } from './amount-field.tsx';
import { Fault } from './field.tsx';
import { TrashIcon } from './icons.tsx';

/** A part of a schedule: days, times, and the rate then. */
export function WindowEditor(props: {
  readonly id: string;
  readonly label: string;
  readonly form: WindowForm;
  readonly faults: ReadonlyMap<string, string>;
  readonly change: (form: WindowForm) => void;
  readonly remove: () => void;
}): VNode {
  const { id, label, form, faults, change, remove } = props;
  const toggle = (day: Weekday): void => {
    // No day is every day, which is what all of them are.
    const days = form.days.length === 0 ? WEEKDAYS : form.days;
    change({ ...form, days: WEEKDAYS.filter((each) => days.includes(each) !== (each === day)) });
  };
  return (
    <li class="window" aria-label={label}>
      <div class="days" role="group" aria-label={`${label}, days on which it begins`}>
        {WEEKDAYS.map((day) => (
          <button
            key={day}
            type="button"
            class="chip day"
            aria-pressed={form.days.length === 0 || form.days.includes(day)}
            onClick={() => toggle(day)}
          >
            {nameOf(day)}
          </button>
        ))}
      </div>
      <span class="times">
        <TimeField
          id={`${id}-from`}
          label={`${label}, from`}
          value={form.from}
          fault={faults.get(`${id}-from`)}
          change={(from) => change({ ...form, from })}
        />
        <span aria-hidden="true">–</span>
        <TimeField
          id={`${id}-to`}
          label={`${label}, to`}
          value={form.to}
          fault={faults.get(`${id}-to`)}
          change={(to) => change({ ...form, to })}
        />
      </span>
      <OptionalAmount
        id={id}
        label={label}
        form={form.rate}
        fault={faults.get(id)}
        change={(rate) => change({ ...form, rate })}
      />
      <button type="button" class="button quiet square" onClick={remove}>
        <TrashIcon />
        <span class="unseen">Remove {label}</span>
      </button>
      {[`${id}-from`, `${id}-to`, id].map((field) => (
        <Fault key={field} id={field} fault={faults.get(field)} />
      ))}
    </li>
  );
}

/** Text rather than the browser's field for times, which has no 24:00. */
function TimeField(props: {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly fault: string | undefined;
  readonly change: (value: string) => void;
}): VNode {
  const { id, label, value, fault, change } = props;
  return (
    <input
      id={id}
      class="time"
      aria-label={label}
      aria-invalid={fault !== undefined}
      aria-describedby={`${id}-fault`}
      value={value}
      maxLength={5}
      autocomplete="off"
      onInput={(event) => change(event.currentTarget.value)}
    />
  );
}

import type { LimitSettings, LimitsView, PayloadStatus } from '@brine/control-http/client';

import type { Amount } from './amount.ts';
import { amountOf, bytesPerSecondOf } from './amount.ts';

type RateLimits = PayloadStatus['limits'];
type Rate = NonNullable<RateLimits['downBytesPerSecond']>;
type RateSchedule = Exclude<Rate, number>;
type RateWindow = RateSchedule['windows'][number];
export type Weekday = NonNullable<RateWindow['days']>[number];

/** A rate as a form has it: what is typed, right or not. */
export interface RateForm {
  readonly kind: 'unlimited' | 'fixed' | 'schedule';
  /** The fixed rate, or that outside the windows. */
  readonly rate: LimitForm;
  readonly windows: readonly WindowForm[];
  /** IANA name; empty: the agent's machine's. */
  readonly timeZone: string;
}

/** A rate or none. */
export interface LimitForm {
  readonly limited: boolean;
  readonly amount: Amount;
}

export interface WindowForm {
  /** Empty: every day. */
  readonly days: readonly Weekday[];
  readonly from: string;
  readonly to: string;
  readonly rate: LimitForm;
}

export interface RatesForm {
  readonly down: RateForm;
  readonly up: RateForm;
}

const SCOPES = ['total', 'outside', 'site', 'near', 'wan'] as const;
export type Scope = (typeof SCOPES)[number];
export type LimitsForm = Readonly<Record<Scope, RatesForm>>;

export const WEEKDAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const DEFAULT_AMOUNT: Amount = { text: '10', unit: 'Mbit/s' };
const UNLIMITED: LimitForm = { limited: false, amount: DEFAULT_AMOUNT };

/** A window that somebody adds: office hours. */
export const NEW_WINDOW: WindowForm = {
  days: ['mon', 'tue', 'wed', 'thu', 'fri'],
  from: '08:00',
  to: '18:00',
  rate: { limited: true, amount: { text: '2', unit: 'Mbit/s' } },
};

export function formOfLimits(view: LimitsView): LimitsForm {
  const forms = SCOPES.map((scope) => [scope, formOfRates(view[scope] ?? {})] as const);
  return Object.fromEntries(forms) as LimitsForm;
}

export function formOfRates({ downBytesPerSecond, upBytesPerSecond }: RateLimits): RatesForm {
  return { down: formOfRate(downBytesPerSecond), up: formOfRate(upBytesPerSecond) };
}

/** The settings, or what is wrong, by the id of the field. */
export type Reading<Settings> =
  | { readonly type: 'settings'; readonly settings: Settings }
  | { readonly type: 'faults'; readonly faults: ReadonlyMap<string, string> };

/** What is unlimited is left out. */
export function readLimits(form: LimitsForm): Reading<LimitSettings> {
  const faults = new Map<string, string>();
  const scopes = SCOPES.map((scope) => [scope, ratesOf(form[scope], scope, faults)] as const);
  if (faults.size > 0) return { type: 'faults', faults };
  const limited = scopes.filter(([, rates]) => Object.keys(rates).length > 0);
  return { type: 'settings', settings: Object.fromEntries(limited) };
}

export function readRates(form: RatesForm): Reading<RateLimits> {
  const faults = new Map<string, string>();
  const settings = ratesOf(form, 'payload', faults);
  return faults.size > 0 ? { type: 'faults', faults } : { type: 'settings', settings };
}

function formOfRate(rate: Rate | undefined): RateForm {
  if (rate === undefined) return { kind: 'unlimited', rate: UNLIMITED, windows: [], timeZone: '' };
  if (typeof rate === 'number') return { kind: 'fixed', rate: formOfLimit(rate), windows: [], timeZone: '' };
  return {
    kind: 'schedule',
    rate: formOfLimit(rate.otherwise),
    windows: rate.windows.map(({ days = [], from = '00:00', to = '24:00', bytesPerSecond }) => ({
      days,
      from,
      to,
      rate: formOfLimit(bytesPerSecond),
    })),
    timeZone: rate.timeZone ?? '',
  };
}

function formOfLimit(bytesPerSecond: number | undefined): LimitForm {
  return bytesPerSecond === undefined ? UNLIMITED : { limited: true, amount: amountOf(bytesPerSecond) };
}

function ratesOf({ down, up }: RatesForm, at: string, faults: Map<string, string>): RateLimits {
  const [downRate, upRate] = [rateOf(down, `${at}-down`, faults), rateOf(up, `${at}-up`, faults)];
  return {
    ...(downRate === undefined ? {} : { downBytesPerSecond: downRate }),
    ...(upRate === undefined ? {} : { upBytesPerSecond: upRate }),
  };
}

function rateOf(form: RateForm, at: string, faults: Map<string, string>): Rate | undefined {
  if (form.kind === 'unlimited') return undefined;
  if (form.kind === 'fixed') return limitOf({ ...form.rate, limited: true }, at, faults);
  const otherwise = limitOf(form.rate, at, faults);
  const windows = form.windows.map((window, index) => windowOf(window, `${at}-${index}`, faults));
  if (windows.length === 0) faults.set(at, 'Add a window, or choose a fixed rate.');
  return {
    windows,
    ...(otherwise === undefined ? {} : { otherwise }),
    ...(form.timeZone.trim() === '' ? {} : { timeZone: form.timeZone.trim() }),
  };
}

function windowOf({ days, from, to, rate }: WindowForm, at: string, faults: Map<string, string>): RateWindow {
  const bytesPerSecond = limitOf(rate, at, faults);
  if (!isTime(from) || from === '24:00') faults.set(`${at}-from`, 'Write a time like 08:00.');
  if (!isTime(to)) faults.set(`${at}-to`, 'Write a time like 18:00, or 24:00.');
  if (from === to) faults.set(`${at}-to`, 'It ends when it begins. Write 00:00 to 24:00 for a whole day.');
  return {
    ...(days.length === 0 || days.length === WEEKDAYS.length ? {} : { days }),
    from,
    to,
    ...(bytesPerSecond === undefined ? {} : { bytesPerSecond }),
  };
}

function limitOf(form: LimitForm, at: string, faults: Map<string, string>): number | undefined {
  if (!form.limited) return undefined;
  const bytesPerSecond = bytesPerSecondOf(form.amount);
  if (bytesPerSecond === undefined) faults.set(at, 'Write a number like 2.5; 0 stops.');
  return bytesPerSecond;
}

function isTime(text: string): boolean {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
  if (hours === undefined || minutes === undefined) return false;
  return (Number(hours) < 24 && Number(minutes) < 60) || (Number(hours) === 24 && Number(minutes) === 0);
}

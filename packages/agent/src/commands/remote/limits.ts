import type { LimitOrder, LimitsView } from '@brine/control-http/client';
import type { Rate, RateLimits } from '@brine/swarm';

import { ExitCode } from '../../exit-codes.ts';
import { formatRate } from '../../units/rate.ts';
import type { ConnectionOptions } from './connection.ts';
import { openClient } from './connection.ts';
import { print } from './status.ts';

type NewLimit = Rate | 'unlimited';

/** Absent: as it was. */
export interface LimitsOptions extends ConnectionOptions {
  readonly down?: NewLimit;
  readonly up?: NewLimit;
  readonly wanDown?: NewLimit;
  readonly wanUp?: NewLimit;
  readonly reset?: boolean;
  readonly json?: boolean;
}

/** `brine limits`: shows them, and changes those that are named. */
export async function limits(options: LimitsOptions): Promise<ExitCode> {
  const client = await openClient(options);
  const { down, up, wanDown, wanUp } = options;
  const before = options.reset === true ? await client.resetLimits() : await client.getLimits();
  const isChange = [down, up, wanDown, wanUp].some((each) => each !== undefined);
  const view = isChange ? await client.putLimits(changed(before, options)) : before;
  print(options, view, limitLines(view));
  return ExitCode.done;
}

function changed({ source: _source, ...before }: LimitsView, options: LimitsOptions): LimitOrder {
  return {
    ...before,
    total: withRates(before.total, options.down, options.up),
    outside: withRates(before.outside, options.wanDown, options.wanUp),
  };
}

function withRates(before: RateLimits = {}, down?: NewLimit, up?: NewLimit): RateLimits {
  const rates = {
    downBytesPerSecond: down === undefined ? before.downBytesPerSecond : down,
    upBytesPerSecond: up === undefined ? before.upBytesPerSecond : up,
  };
  const limited = Object.entries(rates).filter(([, rate]) => rate !== undefined && rate !== 'unlimited');
  return Object.fromEntries(limited) as RateLimits;
}

function limitLines({ source, ...view }: LimitsView): string[] {
  const lines = Object.entries(view).flatMap(([scope, rates]) => scopeLines(scope, rates));
  const origin = source === 'order' ? 'ordered' : 'as configured';
  return lines.length === 0 ? [`unlimited (${origin})`] : [...lines, `(${origin})`];
}

function scopeLines(scope: string, { downBytesPerSecond, upBytesPerSecond }: RateLimits): string[] {
  return [
    ...(downBytesPerSecond === undefined ? [] : [`${scope} down: ${rateText(downBytesPerSecond)}`]),
    ...(upBytesPerSecond === undefined ? [] : [`${scope} up: ${rateText(upBytesPerSecond)}`]),
  ];
}

function rateText(rate: Rate): string {
  if (typeof rate === 'number') return formatRate(rate);
  const windows = rate.windows.map(
    ({ days, from = '00:00', to = '24:00', bytesPerSecond }) =>
      `${days === undefined ? '' : `${days.join(',')} `}${from}-${to} ${perSecond(bytesPerSecond)}`,
  );
  return [...windows, perSecond(rate.otherwise)].join('; ');
}

function perSecond(rate: number | undefined): string {
  return rate === undefined ? 'unlimited' : formatRate(rate);
}

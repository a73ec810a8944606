import { parseDuration } from '../units/duration.ts';
import type { PlanChurn } from './scenario.ts';

/** Milliseconds since 1970 of `2026-01-05T20:00`, UTC unless it says otherwise. */
export function parseInstant(text: string): number {
  const withTime = text.includes('T') ? text : `${text}T00:00`;
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/u.test(withTime.slice(11)) ? withTime : `${withTime}Z`);
  if (Number.isNaN(ms))
    throw new Error('Write a time like 2026-01-05T20:00, UTC, or 2026-01-05T20:00+01:00.');
  return ms;
}

/** `2h/5m`: up for two hours on average, then away for five minutes. */
export function parseChurn(text: string): PlanChurn {
  const [every, away, ...more] = text.split('/');
  if (every === undefined || away === undefined || more.length > 0)
    throw new Error('Write how long machines stay up and how long they are away, like 2h/5m.');
  const churn = { everyMs: parseDuration(every), forMs: parseDuration(away) };
  if (churn.everyMs === 0) throw new Error('Machines that never stay up are never done; write more than 0.');
  return churn;
}

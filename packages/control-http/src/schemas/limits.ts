import type { JsonSchema, NamedSchema } from './json-schema.ts';
import { list, rate, record, refer } from './json-schema.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** As many as the engine takes. */
const WINDOWS_MAX = 100;
/** A schedule of so many windows has less. */
const RATE_TEXT_MAX = 4_096;

const window: JsonSchema = record(
  {},
  {
    days: {
      ...list({ type: 'string', enum: DAYS }, 7),
      minItems: 1,
      description: 'Days on which it begins; absent: every day',
    },
    from: { type: 'string', pattern: '^\\d{1,2}:\\d{2}$', description: 'Time of day; absent: 00:00' },
    to: {
      type: 'string',
      pattern: '^\\d{1,2}:\\d{2}$',
      description: 'Time of day, or 24:00; earlier than `from`, it is on the next day',
    },
    bytesPerSecond: rate('0 stops; absent: unlimited'),
  },
);

function scopes(of: string): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(['total', 'outside', 'site', 'near', 'wan'].map((scope) => [scope, refer(of)]));
}

export const limitSchemas: readonly NamedSchema[] = [
  {
    $id: 'RateSchedule',
    description:
      'A rate that follows the clock on the wall: of the windows, the first that covers an instant counts.',
    ...record(
      { windows: list(window, WINDOWS_MAX) },
      {
        otherwise: rate('Outside the windows; 0 stops; absent: unlimited'),
        timeZone: {
          type: 'string',
          pattern: '^[A-Za-z0-9_+/-]{1,60}$',
          description: 'IANA name like Europe/Berlin; absent: the machine’s',
        },
      },
    ),
  },
  {
    $id: 'Rate',
    description: 'Bytes per second, 0 stops; or a schedule.',
    anyOf: [{ type: 'number', minimum: 0 }, refer('RateSchedule')],
  },
  {
    $id: 'RateLimits',
    description: 'How much may pass in each direction; absent: unlimited.',
    ...record({}, { downBytesPerSecond: refer('Rate'), upBytesPerSecond: refer('Rate') }),
  },
  {
    $id: 'RateOrder',
    description:
      'A rate, or one written as people do: `10mbit`, `500KiB`, `unlimited`, `mon-fri 08:00-18:00 2mbit; 20mbit`.',
    anyOf: [refer('Rate'), { type: 'string', minLength: 1, maxLength: RATE_TEXT_MAX }],
  },
  {
    $id: 'RateLimitsOrder',
    description: 'How much may pass in each direction; absent: unlimited.',
    ...record({}, { downBytesPerSecond: refer('RateOrder'), upBytesPerSecond: refer('RateOrder') }),
  },
  {
    $id: 'LimitOrder',
    description:
      'Limits over all payloads. `outside` is `near` and `wan` together: everything that leaves the site.',
    ...record({}, scopes('RateLimitsOrder')),
  },
  {
    $id: 'LimitsView',
    description: 'The limits in force, and whether they come from the configuration or from an order.',
    ...record({ source: { type: 'string', enum: ['configuration', 'order'] } }, scopes('RateLimits')),
  },
];

import type { JsonSchema, NamedSchema } from './json-schema.ts';
import { list, rate, record, refer } from './json-schema.ts';

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** As many as the engine takes. */
const WINDOWS_MAX = 100;

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

const limits: Readonly<Record<string, JsonSchema>> = {
  total: { ...refer('RateLimits') },
  outside: { ...refer('RateLimits') },
  site: { ...refer('RateLimits') },
  near: { ...refer('RateLimits') },
  wan: { ...refer('RateLimits') },
};

export const limitSchemas: readonly NamedSchema[] = [
  {
    $id: 'RateSchedule',
    description:
      'A rate that follows the clock on the wall: of the windows, the first that covers an instant counts.',
    ...record(
      { windows: list(window, WINDOWS_MAX) },
      {
        otherwise: rate('Outside the windows; 0 stops; absent: unlimited'),
        timeZone: { type: 'string', description: 'IANA name like Europe/Berlin; absent: the machine’s' },
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
    $id: 'LimitSettings',
    description:
      'Limits over all payloads. `outside` is `near` and `wan` together: everything that leaves the site.',
    ...record({}, limits),
  },
  {
    $id: 'LimitsView',
    description: 'The limits in force, and whether they come from the configuration or from an order.',
    ...record({ source: { type: 'string', enum: ['configuration', 'order'] } }, limits),
  },
];

import { PROBLEMS } from '../problem.ts';
import type { JsonSchema, NamedSchema } from './json-schema.ts';
import { count, list, rate, record, refer, text } from './json-schema.ts';

const samples: JsonSchema = record({
  down: list(rate('Bytes per second, average over one interval; the oldest first')),
  up: list(rate('As many as of down')),
});

export const viewSchemas: readonly NamedSchema[] = [
  {
    $id: 'EngineView',
    ...record({
      version: text(),
      host: text('The machine’s own name'),
      roots: list(text('A directory in or below which payloads may stand; the first is the default')),
      startedAt: { type: 'string', format: 'date-time' },
      listening: list(text('host:port for peers')),
      payloads: count(),
      peers: count('Connections'),
      downBytesPerSecond: rate(),
      upBytesPerSecond: rate(),
      downloadedBytes: count('Since the service started'),
      uploadedBytes: count('Since the service started'),
      wastedBytes: count('Received for nothing: twice, or wrong'),
      traffic: refer('Traffic'),
    }),
  },
  {
    $id: 'SiteView',
    description: 'The site as this machine sees it.',
    ...record(
      {
        traffic: refer('Traffic'),
        members: count('Connections to machines of the own site'),
        fetching: list(text('Payloads that this machine fetches over the WAN for its site')),
      },
      { label: text() },
    ),
  },
  {
    $id: 'SpaceView',
    description: 'Room in the file system that holds a directory, in bytes.',
    ...record({ path: text(), freeBytes: count('For the service’s user'), totalBytes: count() }),
  },
  {
    $id: 'RatesView',
    description: 'Rates of the last hour, by how near the peers were.',
    ...record({
      intervalSeconds: { type: 'number', description: 'Between two samples' },
      site: samples,
      near: samples,
      wan: samples,
    }),
  },
  { $id: 'Health', ...record({ status: { type: 'string', enum: ['ok'] } }) },
  {
    $id: 'Problem',
    description: 'RFC 9457. `code` is stable, `detail` says what is wrong and the way out.',
    ...record(
      {
        type: text('urn:brine:problem:CODE'),
        title: text(),
        status: { type: 'integer', minimum: 400, maximum: 599 },
        code: { type: 'string', enum: Object.keys(PROBLEMS) },
        detail: text(),
      },
      { pointer: text('Where in the body, a JSON pointer') },
    ),
  },
];

import { PROBLEMS } from '../problem.ts';
import type { NamedSchema } from './json-schema.ts';
import { count, list, rate, record, refer, text } from './json-schema.ts';

export const viewSchemas: readonly NamedSchema[] = [
  {
    $id: 'EngineView',
    ...record({
      version: text(),
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

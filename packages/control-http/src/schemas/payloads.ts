import type { JsonSchema, NamedSchema } from './json-schema.ts';
import { count, flag, list, percent, rate, record, refer, text } from './json-schema.ts';
import { name, ORDER_PARTS } from './orders.ts';

const PHASES = ['resolving', 'opening', 'checking', 'downloading', 'seeding', 'waiting', 'paused', 'failed'];
const CLASSES = ['site', 'near', 'wan'];

const phase: JsonSchema = {
  type: 'string',
  enum: PHASES,
  description:
    '`waiting`: the disk refused and is tried again by itself; `failed`: somebody must do something, see `error`',
};

const required: Readonly<Record<string, JsonSchema>> = {
  name,
  infohash: text('Hex of the v1 info-hash'),
  path: text('Where the payload’s file or folder stands, or will stand'),
  mode: { type: 'string', enum: ['download', 'adopt', 'seed'] },
  phase,
  complete: { ...flag, description: 'Everything is verified, on disk and under its final name' },
  percent: percent('Two decimals, rounded down; 100 only if complete'),
  bytesDone: count('Verified bytes'),
  bytesTotal: count('0 while nothing is known'),
  downBytesPerSecond: rate(),
  upBytesPerSecond: rate(),
  traffic: refer('Traffic'),
  peers: count('Connections'),
  peersSending: count('Those that send something at the moment'),
  peersReceiving: count('Those that receive something at the moment'),
  limits: refer('RateLimits'),
  orderedAt: { type: 'string', format: 'date-time' },
};

const optional: Readonly<Record<string, JsonSchema>> = {
  checkedPercent: percent('Of the check, while it lasts'),
  etaSeconds: { type: 'number', minimum: 0, description: 'Until complete at the present rate' },
  acknowledgedAt: {
    type: 'string',
    format: 'date-time',
    description: 'When somebody acknowledged this content as complete',
  },
  error: refer('PayloadTrouble'),
};

const peer: JsonSchema = record(
  {
    address: text('host:port'),
    client: text(),
    class: { type: 'string', enum: CLASSES },
    percent: percent('Of the payload'),
    downBytesPerSecond: rate(),
    upBytesPerSecond: rate(),
    downloadedBytes: count('Payload bytes received from it, over this connection'),
    uploadedBytes: count(),
    outgoing: { ...flag, description: 'We called it' },
    amInterested: flag,
    amChoking: flag,
    peerInterested: flag,
    peerChoking: flag,
  },
  { site: text() },
);

const trouble = record({ code: text(), message: text() });

const tracker: JsonSchema = record(
  {
    url: text(),
    tier: count('BEP 12, from 0'),
    status: { type: 'string', enum: ['idle', 'announcing', 'working', 'failing'] },
  },
  {
    seeders: count('As the tracker last said'),
    leechers: count('As the tracker last said'),
    peersFound: count('In its last answer'),
    heardSecondsAgo: count('Since it last answered, or failed to'),
    nextAnnounceSeconds: { type: 'number', minimum: 0, description: 'Until it is asked again' },
    error: trouble,
  },
);

const counts: JsonSchema = record({
  downloadedBytes: count(),
  uploadedBytes: count(),
  downBytesPerSecond: rate(),
  upBytesPerSecond: rate(),
});

export const payloadSchemas: readonly NamedSchema[] = [
  {
    $id: 'Traffic',
    description:
      'Payload bytes since the service started, by how near the peers were: own site, near sites, WAN.',
    ...record({ site: counts, near: counts, wan: counts }),
  },
  {
    $id: 'PayloadTrouble',
    ...record({
      code: text('Stable, for programs'),
      message: text('What is wrong'),
      wayOut: text('What somebody can do about it, or that nobody needs to'),
    }),
  },
  { $id: 'PayloadStatus', description: 'One payload at one instant.', ...record(required, optional) },
  {
    $id: 'PayloadDetails',
    description: 'A status with files, pieces, peers and trackers.',
    ...record(
      {
        ...required,
        files: {
          ...list(record({ path: text(), bytes: count(), bytesDone: count('Verified') })),
          description: 'The first thousand',
        },
        fileCount: count(),
        private: {
          ...flag,
          description: 'No peers but those of its trackers, and those that were ordered; BEP 27',
        },
        pieces: record(
          { count: count(), verified: count(), bytes: count('Of one piece') },
          { map: text('One bit for each piece, BEP 3 order, base64') },
        ),
        connections: list(peer),
        trackers: list(tracker),
      },
      optional,
    ),
  },
  { $id: 'PayloadList', ...record({ payloads: list(refer('PayloadStatus')) }) },
  {
    $id: 'PutOutcome',
    ...record({
      outcome: { type: 'string', enum: ['created', 'changed', 'unchanged'] },
      changes: {
        ...list({ type: 'string', enum: ORDER_PARTS }),
        description: 'What is ordered otherwise than before; empty for one that is new',
      },
      payload: refer('PayloadStatus'),
    }),
  },
  {
    $id: 'OnlyOutcome',
    ...record({ payloads: list(refer('PayloadStatus')), removed: list(name) }),
  },
];

import type { OrderPart } from '../payload-service.ts';
import type { JsonSchema, NamedSchema } from './json-schema.ts';
import { flag, list, record, refer } from './json-schema.ts';

/** What a payload may be called; safe in addresses, and on every command line. */
export const NAME_PATTERN = '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$';
const PEERS_MAX = 200;
const TRACKERS_MAX = 50;
const PAYLOADS_MAX = 10_000;

export const name: JsonSchema = {
  type: 'string',
  pattern: NAME_PATTERN,
  description: 'Letters, digits, dots, dashes and underscores; begins with a letter or a digit',
};

export const placePath: JsonSchema = {
  type: 'string',
  minLength: 1,
  maxLength: 4_096,
  description: 'Absolute path of a directory below a configured root; absent: the first root',
};
const peers: JsonSchema = list({ type: 'string', minLength: 3, maxLength: 300 }, PEERS_MAX);
const infohash: JsonSchema = {
  type: 'string',
  pattern: '^[0-9A-Fa-f]{40}$',
  description: 'v1 info-hash in hex',
};

const order: Readonly<Record<string, JsonSchema>> = {
  infohash,
  magnet: { type: 'string', pattern: '^[Mm][Aa][Gg][Nn][Ee][Tt]:', maxLength: 65_536 },
  torrent: {
    type: 'string',
    contentEncoding: 'base64',
    minLength: 1,
    description: 'A .torrent file in base64',
  },
  torrentFile: {
    type: 'string',
    minLength: 1,
    maxLength: 4_096,
    description: 'Absolute path of a .torrent file below a configured root',
  },
  path: placePath,
  mode: {
    type: 'string',
    enum: ['download', 'adopt', 'seed'],
    description:
      '`download` (default), `adopt`: complete what stands there, `seed`: serve what stands there and never write',
  },
  peers: { ...peers, description: 'Peers to begin with, host:port; IPv6 in brackets' },
  trackers: list({ type: 'string', pattern: '^(?:https?|udp)://', maxLength: 2_048 }, TRACKERS_MAX),
  limits: refer('RateLimitsOrder'),
  paused: { ...flag, description: 'Absent: as it was; a new one runs' },
};

/** What of an order may differ from the one before. */
export const ORDER_PARTS: readonly OrderPart[] = [
  'infohash',
  'magnet',
  'path',
  'mode',
  'peers',
  'trackers',
  'limits',
  'paused',
];

/** Exactly one says what the content is. */
const oneContent: JsonSchema = {
  oneOf: ['infohash', 'magnet', 'torrent', 'torrentFile'].map((key) => ({ required: [key] })),
};

export const orderSchemas: readonly NamedSchema[] = [
  {
    $id: 'PayloadOrder',
    description: 'What is to be here. Exactly one of infohash, magnet, torrent and torrentFile.',
    ...record({}, order),
    ...oneContent,
  },
  {
    $id: 'NamedOrder',
    description: 'An order in a list.',
    ...record({ name }, order),
    ...oneContent,
  },
  {
    $id: 'OnlyOrder',
    description: 'These payloads and no others.',
    ...record(
      { payloads: list(refer('NamedOrder'), PAYLOADS_MAX) },
      { allowEmpty: { ...flag, description: 'An empty list is meant: everything goes' } },
    ),
  },
  {
    $id: 'PeerOrder',
    ...record({ peers: { ...peers, minItems: 1, description: 'host:port; IPv6 in brackets' } }),
  },
  {
    $id: 'Acknowledgement',
    description: 'The content that was found to be complete.',
    ...record({ infohash }),
  },
];

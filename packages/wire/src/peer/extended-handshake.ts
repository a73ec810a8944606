import type { BencodeDictionary } from '../bencode/bencode-value.ts';
import { encodeBencode } from '../bencode/encode.ts';
import { bytesOfIp, ipOfBytes } from '../compact-address.ts';
import { bytesOf, decodeLeadingDictionary, dictionaryOf, integerOf, textOf } from '../dictionary.ts';
import type { ExtendedHandshake } from './peer-event.ts';
import { METADATA_SIZE_MAX } from './ut-metadata.ts';

/** What our extended handshake says, BEP 10; every field may be left out. */
export interface ExtendedHandshakeFields {
  /** Names of the extensions whose messages we want; default: all that the machine knows. Private torrents leave out `ut_pex` (BEP 27). */
  readonly offers?: readonly string[];
  /** `v`: client name and version. */
  readonly client?: string;
  /** `p`: our listening TCP port. */
  readonly listenPort?: number;
  /** `reqq`: how many outstanding requests we keep. */
  readonly requestQueueMax?: number;
  /** `metadata_size`: bytes of the info dictionary, when we have it (BEP 9). */
  readonly metadataSize?: number;
  /** `yourip`: the remote's address as we see it. */
  readonly yourIp?: string;
  /** `upload_only`, BEP 21. */
  readonly uploadOnly?: boolean;
}

/** Most extensions read from one handshake; real clients offer about ten. */
const EXTENSIONS_MAX = 64;
const EXTENSION_NAME_LENGTH_MAX = 64;
const CLIENT_LENGTH_MAX = 128;
/** More outstanding requests than this (1 GiB of blocks) nobody keeps; a larger `reqq` is read as this. */
const REQUEST_QUEUE_MAX = 65_536;

/** The payload of an extended handshake; `ids` are the extension ids to announce, 0 for those switched off. */
export function encodeExtendedHandshake(
  fields: ExtendedHandshakeFields,
  ids: ReadonlyMap<string, number>,
): Uint8Array {
  return encodeBencode({
    m: ids,
    v: fields.client,
    p: fields.listenPort,
    reqq: fields.requestQueueMax,
    metadata_size: fields.metadataSize,
    yourip: fields.yourIp === undefined ? undefined : bytesOfIp(fields.yourIp),
    upload_only: fields.uploadOnly === undefined ? undefined : Number(fields.uploadOnly),
  });
}

/**
 * Reads an extended handshake. A field of the wrong type or outside its bounds counts as absent: clients in the wild disagree
 * about several of them.
 *
 * @throws WireError `extension-malformed` when it is no dictionary at all
 */
export function decodeExtendedHandshake(payload: Uint8Array): ExtendedHandshake {
  const { dictionary } = decodeLeadingDictionary(payload, 'extension-malformed');
  const client = textOf(dictionary, 'v', CLIENT_LENGTH_MAX);
  const listenPort = integerOf(dictionary, 'p', 1, 65_535);
  const requestQueueMax = integerOf(dictionary, 'reqq', 1, Number.MAX_SAFE_INTEGER);
  const metadataSize = integerOf(dictionary, 'metadata_size', 1, METADATA_SIZE_MAX);
  const yourIp = bytesOf(dictionary, 'yourip');
  const uploadOnly = integerOf(dictionary, 'upload_only', 0, 255);
  return {
    messages: readMessageIds(dictionaryOf(dictionary, 'm')),
    ...(client !== undefined && { client }),
    ...(listenPort !== undefined && { listenPort }),
    ...(requestQueueMax !== undefined && { requestQueueMax: Math.min(requestQueueMax, REQUEST_QUEUE_MAX) }),
    ...(metadataSize !== undefined && { metadataSize }),
    ...((yourIp?.length === 4 || yourIp?.length === 16) && { yourIp: ipOfBytes(yourIp) }),
    ...(uploadOnly !== undefined && { uploadOnly: uploadOnly !== 0 }),
  };
}

function readMessageIds(ids: BencodeDictionary | undefined): Map<string, number> {
  const messages = new Map<string, number>();
  for (const name of ids?.keys() ?? []) {
    if (messages.size === EXTENSIONS_MAX) break;
    const id = ids === undefined ? undefined : integerOf(ids, name, 0, 255);
    if (id !== undefined && name.length <= EXTENSION_NAME_LENGTH_MAX) messages.set(name, id);
  }
  return messages;
}

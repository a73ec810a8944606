import { readUint32, writeUint32 } from '../big-endian.ts';
import { utf8Bytes, utf8Text } from '../text.ts';
import { WireError } from '../wire-error.ts';

/** Name of the BEP 10 extension by which members of a site agree who fetches what over the WAN; see docs/claims.md. */
export const SITE_EXTENSION: string = 'brine_site';

/** What a member says about itself. Rates in bytes per second over the WAN, as measured. */
export interface SiteStatus {
  /** It fetches over the WAN for its site, or would if it came to its turn. */
  readonly able: boolean;
  /** It fetches over the WAN now. */
  readonly fetching: boolean;
  /** It would take more than it gets. */
  readonly hungryDown: boolean;
  readonly hungryUp: boolean;
  readonly downRate: number;
  readonly upRate: number;
}

/**
 * One message of the extension. `hello` comes first and once; `claim` asks for pieces, `hold` says that claimed ones are being
 * fetched, `release` gives them back unfetched. Pieces are not checked against the torrent here.
 */
export type SiteMessage =
  | { readonly type: 'hello'; readonly label: string; readonly status: SiteStatus }
  | { readonly type: 'status'; readonly status: SiteStatus }
  | { readonly type: 'claim' | 'hold' | 'release'; readonly pieces: readonly number[] }
  /** Answered at once by a `pong` with the same stamp, which means something to the sender only. */
  | { readonly type: 'ping' | 'pong'; readonly stamp: number };

/** Pieces in one message; nobody has good reason to hold more at once. */
export const CLAIMED_PIECES_MAX: number = 256;

const VERSION = 1;
const LABEL_BYTES_MAX = 128;
const STATUS_LENGTH = 9;
const TYPES = { hello: 0, status: 1, claim: 2, hold: 3, release: 4, ping: 5, pong: 6 } as const;
const PIECE_TYPES = ['claim', 'hold', 'release'] as const;
const FLAG_ABLE = 1;
const FLAG_FETCHING = 2;
const FLAG_HUNGRY_DOWN = 4;
const FLAG_HUNGRY_UP = 8;

/** Throws `RangeError` for a label or a list that is too long: mistakes of the caller. */
export function encodeSiteMessage(message: SiteMessage): Uint8Array {
  switch (message.type) {
    case 'hello': {
      const label = utf8Bytes(message.label);
      if (label.length > LABEL_BYTES_MAX) throw new RangeError(`a label of ${label.length} bytes`);
      const bytes = new Uint8Array(2 + STATUS_LENGTH + label.length);
      bytes[0] = TYPES.hello;
      bytes[1] = VERSION;
      writeStatus(bytes, 2, message.status);
      bytes.set(label, 2 + STATUS_LENGTH);
      return bytes;
    }
    case 'status': {
      const bytes = new Uint8Array(1 + STATUS_LENGTH);
      bytes[0] = TYPES.status;
      writeStatus(bytes, 1, message.status);
      return bytes;
    }
    case 'ping':
    case 'pong': {
      const bytes = new Uint8Array(5);
      bytes[0] = TYPES[message.type];
      writeUint32(bytes, 1, message.stamp >>> 0);
      return bytes;
    }
    case 'claim':
    case 'hold':
    case 'release': {
      const { pieces } = message;
      if (pieces.length > CLAIMED_PIECES_MAX) throw new RangeError(`${pieces.length} pieces in one message`);
      const bytes = new Uint8Array(1 + 4 * pieces.length);
      bytes[0] = TYPES[message.type];
      pieces.forEach((piece, at) => {
        writeUint32(bytes, 1 + 4 * at, piece);
      });
      return bytes;
    }
  }
}

/**
 * Reads a message. Undefined for a type or a version that a later release may have brought.
 *
 * @throws WireError `extension-malformed`
 */
export function decodeSiteMessage(payload: Uint8Array): SiteMessage | undefined {
  const type = payload[0];
  switch (type) {
    case undefined:
      throw malformed('empty');
    case TYPES.hello: {
      if (payload.length < 2 + STATUS_LENGTH) throw malformed('a hello that is cut off');
      if (payload[1] !== VERSION) return undefined;
      const label = payload.subarray(2 + STATUS_LENGTH);
      if (label.length > LABEL_BYTES_MAX) throw malformed(`a label of ${label.length} bytes`);
      return { type: 'hello', label: utf8Text(label), status: readStatus(payload, 2) };
    }
    case TYPES.status:
      if (payload.length < 1 + STATUS_LENGTH) throw malformed('a status that is cut off');
      return { type: 'status', status: readStatus(payload, 1) };
    case TYPES.claim:
    case TYPES.hold:
    case TYPES.release:
      return { type: PIECE_TYPES[type - TYPES.claim]!, pieces: readPieces(payload) };
    case TYPES.ping:
    case TYPES.pong:
      if (payload.length < 5) throw malformed('a ping that is cut off');
      return { type: type === TYPES.ping ? 'ping' : 'pong', stamp: readUint32(payload, 1) };
    default:
      return undefined;
  }
}

function writeStatus(bytes: Uint8Array, at: number, status: SiteStatus): void {
  bytes[at] =
    (status.able ? FLAG_ABLE : 0) |
    (status.fetching ? FLAG_FETCHING : 0) |
    (status.hungryDown ? FLAG_HUNGRY_DOWN : 0) |
    (status.hungryUp ? FLAG_HUNGRY_UP : 0);
  writeUint32(bytes, at + 1, rateOnWire(status.downRate));
  writeUint32(bytes, at + 5, rateOnWire(status.upRate));
}

function readStatus(bytes: Uint8Array, at: number): SiteStatus {
  const flags = bytes[at]!;
  return {
    able: (flags & FLAG_ABLE) !== 0,
    fetching: (flags & FLAG_FETCHING) !== 0,
    hungryDown: (flags & FLAG_HUNGRY_DOWN) !== 0,
    hungryUp: (flags & FLAG_HUNGRY_UP) !== 0,
    downRate: readUint32(bytes, at + 1),
    upRate: readUint32(bytes, at + 5),
  };
}

function rateOnWire(rate: number): number {
  return Math.max(0, Math.min(0xffff_ffff, Math.round(rate)));
}

function readPieces(payload: Uint8Array): number[] {
  const count = (payload.length - 1) / 4;
  if (!Number.isInteger(count) || count > CLAIMED_PIECES_MAX)
    throw malformed(`a list of ${payload.length} bytes`);
  return Array.from({ length: count }, (_, at) => readUint32(payload, 1 + 4 * at));
}

function malformed(what: string): WireError {
  return new WireError('extension-malformed', `${SITE_EXTENSION}: ${what}`);
}

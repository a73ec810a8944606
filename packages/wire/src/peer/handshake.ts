import { WireError } from '../wire-error.ts';
import type { HandshakeFeatures } from './peer-event.ts';

/** Bytes of a handshake, BEP 3: 1 + 19 protocol name, 8 reserved, 20 info-hash, 20 peer id. */
export const HANDSHAKE_LENGTH = 68;

/** What both ends can do before, or without, a handshake. */
export const NO_FEATURES: HandshakeFeatures = { fast: false, extended: false, dht: false, v2: false };

const PROTOCOL = Uint8Array.from('\u0013BitTorrent protocol', (character) => character.charCodeAt(0));
const RESERVED_AT = 20;
const INFO_HASH_AT = 28;
const PEER_ID_AT = 48;

/** A handshake of 68 bytes with the reserved bits of BEP 5, 6, 10 and 52. */
export function encodeHandshake(
  infoHash: Uint8Array,
  peerId: Uint8Array,
  features: HandshakeFeatures,
): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_LENGTH);
  bytes.set(PROTOCOL);
  bytes[RESERVED_AT + 5] = features.extended ? 0x10 : 0;
  bytes[RESERVED_AT + 7] = (features.v2 ? 0x10 : 0) | (features.fast ? 0x04 : 0) | (features.dht ? 0x01 : 0);
  bytes.set(infoHash, INFO_HASH_AT);
  bytes.set(peerId, PEER_ID_AT);
  return bytes;
}

/**
 * Checks as much of the protocol's name as is there, so that a stranger is known by its first byte.
 *
 * @throws WireError `handshake-invalid`
 */
export function checkProtocol(bytes: Uint8Array): void {
  const length = Math.min(bytes.length, PROTOCOL.length);
  for (let at = 0; at < length; at++)
    if (bytes[at] !== PROTOCOL[at])
      throw new WireError('handshake-invalid', `byte ${at} is ${bytes[at]}: not the BitTorrent protocol`);
}

/** The fields of a whole handshake whose protocol was checked; hash and id are views. */
export function decodeHandshake(bytes: Uint8Array): {
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  readonly features: HandshakeFeatures;
} {
  const reserved5 = bytes[RESERVED_AT + 5] ?? 0;
  const reserved7 = bytes[RESERVED_AT + 7] ?? 0;
  return {
    infoHash: bytes.subarray(INFO_HASH_AT, PEER_ID_AT),
    peerId: bytes.subarray(PEER_ID_AT, HANDSHAKE_LENGTH),
    features: {
      fast: (reserved7 & 0x04) !== 0,
      extended: (reserved5 & 0x10) !== 0,
      dht: (reserved7 & 0x01) !== 0,
      v2: (reserved7 & 0x10) !== 0,
    },
  };
}

/** What remains when both ends must support a feature. */
export function commonFeatures(a: HandshakeFeatures, b: HandshakeFeatures): HandshakeFeatures {
  return {
    fast: a.fast && b.fast,
    extended: a.extended && b.extended,
    dht: a.dht && b.dht,
    v2: a.v2 && b.v2,
  };
}

import { encodeBencode } from '../bencode/encode.ts';
import { decodeLeadingDictionary, integerOf } from '../dictionary.ts';
import { WireError } from '../wire-error.ts';
import type { PeerEvent } from './peer-event.ts';

/** Bytes of a piece of metadata, BEP 9; the last one may be shorter. */
export const METADATA_PIECE_LENGTH: number = 16 * 1024;

/**
 * Largest info dictionary that is believed, 64 MiB: v1 hashes of 100 GiB in 64 KiB pieces are 32 MiB, and a folder of 100,000
 * files adds about 10. Whoever fetches metadata still allocates with what arrives, not with what is announced.
 */
export const METADATA_SIZE_MAX: number = 64 * 1024 * 1024;

const PIECE_MAX = METADATA_SIZE_MAX / METADATA_PIECE_LENGTH;
const MessageType = { request: 0, data: 1, reject: 2 } as const;

/**
 * Reads a `ut_metadata` message, BEP 9: a dictionary, for data followed by the piece's bytes. Undefined for message types that
 * do not exist yet.
 *
 * @throws WireError `extension-malformed`
 */
export function decodeMetadataMessage(payload: Uint8Array): PeerEvent | undefined {
  const { dictionary, length } = decodeLeadingDictionary(payload, 'extension-malformed');
  const piece = integerOf(dictionary, 'piece', 0, PIECE_MAX - 1);
  const messageType = integerOf(dictionary, 'msg_type', 0, 255);
  if (piece === undefined || messageType === undefined)
    throw new WireError('extension-malformed', 'ut_metadata without a believable piece or msg_type');
  switch (messageType) {
    case MessageType.request:
      return { type: 'metadata-request', piece };
    case MessageType.reject:
      return { type: 'metadata-reject', piece };
    case MessageType.data: {
      const totalSize = integerOf(dictionary, 'total_size', 1, METADATA_SIZE_MAX);
      return readData(piece, totalSize, payload.subarray(length));
    }
    default:
      return undefined;
  }
}

/** A `ut_metadata` request for one piece of the metadata. */
export function encodeMetadataRequest(piece: number): Uint8Array {
  return encodeBencode({ msg_type: MessageType.request, piece });
}

/** What stands before the bytes of a piece of metadata; `totalSize` is that of the whole info dictionary. */
export function encodeMetadataDataHead(piece: number, totalSize: number): Uint8Array {
  return encodeBencode({ msg_type: MessageType.data, piece, total_size: totalSize });
}

/** The answer to a request that is not served. */
export function encodeMetadataReject(piece: number): Uint8Array {
  return encodeBencode({ msg_type: MessageType.reject, piece });
}

function readData(piece: number, totalSize: number | undefined, bytes: Uint8Array): PeerEvent {
  if (totalSize === undefined)
    throw new WireError('extension-malformed', 'ut_metadata data without a believable total_size');
  const expected = Math.min(METADATA_PIECE_LENGTH, totalSize - piece * METADATA_PIECE_LENGTH);
  if (bytes.length !== expected)
    throw new WireError(
      'extension-malformed',
      `metadata piece ${piece} of ${totalSize} bytes brought ${bytes.length} instead of ${expected}`,
    );
  return { type: 'metadata-data', piece, totalSize, bytes };
}

import { WireError } from '../wire-error.ts';
import { readUint16, readUint32 } from '../big-endian.ts';
import { bitfieldLength, checkBitfield, isInsidePiece } from './geometry.ts';
import type { Geometry } from './geometry.ts';
import { MessageId } from './message-id.ts';
import type { BlockFragment, HandshakeFeatures, PeerEvent } from './peer-event.ts';

/** Longest block that is accepted in a `piece` message or a request; everybody sends 16 KiB, some old clients up to this. */
export const BLOCK_LENGTH_MAX: number = 128 * 1024;

/** What the connection has agreed on so far: decides which messages are legal. */
export interface ReadingRules {
  /** What both ends support. */
  readonly features: HandshakeFeatures;
  /** Absent while the metadata is unknown. */
  readonly geometry: Geometry | undefined;
}

/** A block's place, read from the header of its `piece` message. */
export type BlockHeader = Pick<BlockFragment, 'piece' | 'begin' | 'length'>;

const MESSAGE_LENGTH_MAX = 1024 * 1024;
/** The most pieces that a torrent can have while its geometry is unknown: those of the largest bitfield. */
const PIECE_COUNT_MAX = (MESSAGE_LENGTH_MAX - 1) * 8;
const PIECE_MESSAGE_HEAD = 9;

/**
 * How many bytes from the start of a message must lie side by side before it can be read. It grows with what is known: 4
 * for the length, 5 with the id, then the whole message, or no more than the head for `piece` and for ids that are skipped.
 * What the bytes tell is checked here, so nobody gathers a message that will be refused.
 *
 * @throws WireError `message-too-long`, `message-malformed`, `message-unexpected`
 */
export function neededBytes(bytes: Uint8Array, at: number, available: number, rules: ReadingRules): number {
  if (available < 4) return 4;
  const length = readUint32(bytes, at);
  if (length === 0) return 4;
  if (available < 5) return checkTotal(length, rules);
  const id = bytes[at + 4]!;
  if (id === MessageId.piece) {
    if (length <= PIECE_MESSAGE_HEAD || length > PIECE_MESSAGE_HEAD + BLOCK_LENGTH_MAX)
      throw malformed(id, length);
    return 4 + PIECE_MESSAGE_HEAD;
  }
  checkTotal(length, rules);
  if (!isKnown(id, rules)) return 5;
  if (isFast(id) && !rules.features.fast)
    throw new WireError('message-unexpected', `message ${id} of the Fast extension without its negotiation`);
  const expected = expectedLength(id, rules.geometry);
  if (expected === undefined ? length < 2 : length !== expected) throw malformed(id, length);
  return 4 + length;
}

/** True for messages that are read whole; all others, `piece` apart, are skipped without being kept (BEP 52's hashes among them). */
export function isKnown(id: number, rules: ReadingRules): boolean {
  if (id === MessageId.extended) return rules.features.extended;
  return id <= MessageId.dhtPort || isFast(id);
}

/** True when the event of this message holds views of its bytes. */
export function holdsViews(id: number): boolean {
  return id === MessageId.bitfield || id === MessageId.extended;
}

/**
 * Reads the head of a `piece` message that starts at `at`.
 *
 * @throws WireError `message-unexpected` without geometry, `message-malformed` outside the piece
 */
export function readBlockHeader(bytes: Uint8Array, at: number, geometry: Geometry | undefined): BlockHeader {
  if (geometry === undefined)
    throw new WireError('message-unexpected', 'a block before the metadata was known');
  const length = readUint32(bytes, at) - PIECE_MESSAGE_HEAD;
  const piece = readUint32(bytes, at + 5);
  const begin = readUint32(bytes, at + 9);
  if (!isInsidePiece(geometry, piece, begin, length))
    throw new WireError('message-malformed', `block ${piece}+${begin}:${length} lies outside its piece`);
  return { piece, begin, length };
}

/**
 * Reads a message that was checked by `neededBytes` and lies whole at `at`; `piece` and `extended` have readers of their own.
 * Undefined when the message has no effect.
 *
 * @throws WireError `message-malformed`, `message-unexpected`
 */
export function readMessage(bytes: Uint8Array, at: number, rules: ReadingRules): PeerEvent | undefined {
  const id = bytes[at + 4]!;
  const body = at + 5;
  switch (id) {
    case MessageId.choke:
      return { type: 'choke' };
    case MessageId.unchoke:
      return { type: 'unchoke' };
    case MessageId.interested:
      return { type: 'interested' };
    case MessageId.notInterested:
      return { type: 'not-interested' };
    case MessageId.have:
      return { type: 'have', piece: readPiece(bytes, body, rules.geometry) };
    case MessageId.bitfield:
      return { type: 'bitfield', bits: readBitfield(bytes, at, rules.geometry) };
    case MessageId.request:
      return readRequest(bytes, body, rules.geometry);
    case MessageId.cancel:
      return readCancel(bytes, body, rules.geometry);
    case MessageId.dhtPort:
      return { type: 'dht-port', port: readUint16(bytes, body) };
    case MessageId.suggest:
      return { type: 'suggest', piece: readPiece(bytes, body, rules.geometry) };
    case MessageId.haveAll:
      return { type: 'have-all' };
    case MessageId.haveNone:
      return { type: 'have-none' };
    case MessageId.reject:
      return readReject(bytes, body, rules.geometry);
    case MessageId.allowedFast:
      return { type: 'allowed-fast', piece: readPiece(bytes, body, rules.geometry) };
    default:
      return undefined;
  }
}

/**
 * Checks a piece index that stands alone in a message; without geometry only against what any torrent could have.
 *
 * @throws WireError `message-malformed`
 */
export function readPiece(bytes: Uint8Array, at: number, geometry: Geometry | undefined): number {
  const piece = readUint32(bytes, at);
  const count = geometry?.pieceCount ?? PIECE_COUNT_MAX;
  if (piece >= count) throw new WireError('message-malformed', `piece ${piece} of ${count}`);
  return piece;
}

function readBitfield(bytes: Uint8Array, at: number, geometry: Geometry | undefined): Uint8Array {
  const bits = bytes.subarray(at + 5, at + 4 + readUint32(bytes, at));
  if (geometry !== undefined) checkBitfield(bits, geometry);
  return bits;
}

/** A request that nobody can serve is a fact, not a violation: the engine answers, counts, and closes when they are many. */
function readRequest(bytes: Uint8Array, body: number, geometry: Geometry | undefined): PeerEvent {
  const block = readBlock(bytes, body);
  const valid = block.length <= BLOCK_LENGTH_MAX && isInside(geometry, block);
  return { type: valid ? 'request' : 'invalid-request', ...block };
}

/** A cancel that cannot match a request has no effect. */
function readCancel(bytes: Uint8Array, body: number, geometry: Geometry | undefined): PeerEvent | undefined {
  const block = readBlock(bytes, body);
  return isInside(geometry, block) ? { type: 'cancel', ...block } : undefined;
}

/** BEP 6: a reject for what was never requested may close the connection. */
function readReject(bytes: Uint8Array, body: number, geometry: Geometry | undefined): PeerEvent {
  const block = readBlock(bytes, body);
  if (!isInside(geometry, block))
    throw new WireError('message-malformed', `reject of ${block.piece}+${block.begin}:${block.length}`);
  return { type: 'reject', ...block };
}

function readBlock(bytes: Uint8Array, body: number): BlockHeader {
  return {
    piece: readUint32(bytes, body),
    begin: readUint32(bytes, body + 4),
    length: readUint32(bytes, body + 8),
  };
}

function isInside(geometry: Geometry | undefined, block: BlockHeader): boolean {
  return geometry !== undefined && isInsidePiece(geometry, block.piece, block.begin, block.length);
}

function isFast(id: number): boolean {
  return id >= MessageId.suggest && id <= MessageId.allowedFast;
}

/** Length field of a known message with a fixed length; undefined when it varies above one byte. */
function expectedLength(id: number, geometry: Geometry | undefined): number | undefined {
  switch (id) {
    case MessageId.have:
    case MessageId.suggest:
    case MessageId.allowedFast:
      return 5;
    case MessageId.request:
    case MessageId.cancel:
    case MessageId.reject:
      return 13;
    case MessageId.dhtPort:
      return 3;
    case MessageId.bitfield:
      return geometry === undefined ? undefined : 1 + bitfieldLength(geometry.pieceCount);
    case MessageId.extended:
      return undefined;
    default:
      return 1;
  }
}

/** Returns 5, the bytes that are needed next, when a message of this length may exist at all. */
function checkTotal(length: number, rules: ReadingRules): 5 {
  const bitfield = rules.geometry === undefined ? 0 : 1 + bitfieldLength(rules.geometry.pieceCount);
  const most = Math.max(MESSAGE_LENGTH_MAX, bitfield);
  if (length > most) throw new WireError('message-too-long', `message of ${length} bytes, ${most} allowed`);
  return 5;
}

function malformed(id: number, length: number): WireError {
  return new WireError('message-malformed', `message ${id} with a length of ${length}`);
}

import { writeUint16, writeUint32 } from '../big-endian.ts';
import { bitfieldLength } from './geometry.ts';
import { MessageId } from './message-id.ts';
import type { BlockMessageId, PieceMessageId, SignalId } from './message-id.ts';

/** Bytes in front of a block in a `piece` message: length, id, piece index, begin. */
export const PIECE_HEADER_LENGTH = 13;

/**
 * Writes the header of a `piece` message (BEP 3) whose block of `length` bytes the caller sends right behind it, so that
 * blocks go from the cache to the socket without a copy. `target` must have `PIECE_HEADER_LENGTH` bytes from `at`.
 */
export function writePieceHeader(
  target: Uint8Array,
  at: number,
  piece: number,
  begin: number,
  length: number,
): void {
  writeUint32(target, at, 9 + length);
  target[at + 4] = MessageId.piece;
  writeUint32(target, at + 5, piece);
  writeUint32(target, at + 9, begin);
}

/**
 * The bitfield message (BEP 3) of someone who has every piece, whole, so that one can be sent to all who join: copies of it, 12 KiB for
 * 100,000 pieces, are what a seed's memory would be torn up by.
 */
export function completeBitfieldMessage(pieceCount: number): Uint8Array {
  const bits = new Uint8Array(bitfieldLength(pieceCount)).fill(0xff);
  // Spare bits are zero.
  if (pieceCount % 8 !== 0) bits[bits.length - 1] = 0xff << (8 - (pieceCount % 8));
  const writer = new MessageWriter();
  writer.bitfield(bits);
  return writer.take() ?? bits;
}

const EMPTY = new Uint8Array(0);
const CAPACITY_MIN = 64;
/** A first buffer is as large as the last burst was, up to this: then a busy connection need not grow it each time. */
const CAPACITY_FIRST_MAX = 4096;

/**
 * The outbox of a connection: messages are appended to one growing buffer, which goes to whoever takes it. An idle connection
 * has none.
 */
export class MessageWriter {
  #buffer: Uint8Array = EMPTY;
  #length = 0;
  #lastLength = 0;

  /** Bytes as they are, for what is no message: the handshake and the keep-alive. */
  raw(bytes: Uint8Array): void {
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  signal(id: SignalId): void {
    this.#open(id, 0);
  }

  piece(id: PieceMessageId, piece: number): void {
    const at = this.#open(id, 4);
    writeUint32(this.#buffer, at, piece);
  }

  block(id: BlockMessageId, piece: number, begin: number, length: number): void {
    const at = this.#open(id, 12);
    writeUint32(this.#buffer, at, piece);
    writeUint32(this.#buffer, at + 4, begin);
    writeUint32(this.#buffer, at + 8, length);
  }

  dhtPort(port: number): void {
    const at = this.#open(MessageId.dhtPort, 2);
    writeUint16(this.#buffer, at, port);
  }

  bitfield(bits: Uint8Array): void {
    const at = this.#open(MessageId.bitfield, bits.length);
    this.#buffer.set(bits, at);
  }

  /** BEP 10: the id that the remote gave the extension, then the payload in one or two parts. */
  extended(extensionId: number, payload: Uint8Array, rest: Uint8Array = EMPTY): void {
    const at = this.#open(MessageId.extended, 1 + payload.length + rest.length);
    this.#buffer[at] = extensionId;
    this.#buffer.set(payload, at + 1);
    this.#buffer.set(rest, at + 1 + payload.length);
  }

  /** Everything since the last call, in a buffer of its own; undefined when nothing was written. */
  take(): Uint8Array | undefined {
    if (this.#length === 0) return undefined;
    const taken = this.#buffer.subarray(0, this.#length);
    this.#lastLength = this.#length;
    this.#buffer = EMPTY;
    this.#length = 0;
    return taken;
  }

  /** Writes length and id; returns where the body of `bodyLength` bytes goes. */
  #open(id: number, bodyLength: number): number {
    const at = this.#reserve(5 + bodyLength);
    writeUint32(this.#buffer, at, 1 + bodyLength);
    this.#buffer[at + 4] = id;
    return at + 5;
  }

  #reserve(count: number): number {
    const at = this.#length;
    this.#length = at + count;
    if (this.#length > this.#buffer.length) {
      const first = Math.max(CAPACITY_MIN, Math.min(this.#lastLength, CAPACITY_FIRST_MAX));
      const grown = new Uint8Array(Math.max(at === 0 ? first : 2 * this.#buffer.length, this.#length));
      grown.set(this.#buffer.subarray(0, at));
      this.#buffer = grown;
    }
    return at;
  }
}

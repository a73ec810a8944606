/*
 * Encoding goes through the npm package `bencode`, which is kept away from what it does wrong: it sorts keys as UTF-16 text
 * instead of raw bytes, drops bigints without a word, and rounds fractions. Keys therefore reach it as byte strings that name
 * themselves in byte order, and numbers only when they are safe integers.
 */
import bencode from 'bencode';
import { binaryText, utf8Bytes } from '../text.ts';

/**
 * What can be encoded. Text becomes UTF-8; keys of maps and records are binary strings (one character, 0 to 255, for each
 * byte) as `decodeBencode` gives them, so ASCII keys are written as they read. Fields that are undefined are left out.
 */
export type BencodeInput =
  Uint8Array | string | number | readonly BencodeInput[] | ReadonlyMap<string, BencodeInput> | BencodeRecord;

/** A dictionary written as an object literal. */
export interface BencodeRecord {
  readonly [key: string]: BencodeInput | undefined;
}

/**
 * Bencodes a value, BEP 3: the same value always gives the same bytes, keys in raw byte order.
 * Throws `RangeError` for a number that is no safe integer and for a key with a character above 255: both are mistakes of the caller.
 */
export function encodeBencode(value: BencodeInput): Uint8Array {
  return bencode.encode(encodable(value, new Map()));
}

type Encodable = Parameters<typeof bencode.encode>[0];

/** A key's bytes, which `bencode` sorts by this text: byte order, as BEP 3 asks. */
class KeyBytes extends Uint8Array {
  override toString(): string {
    return binaryText(this);
  }
}

/** `keys` has one `KeyBytes` for each key met so far: file lists repeat theirs a hundred thousand times. */
function encodable(value: BencodeInput, keys: Map<string, KeyBytes>): Encodable {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new RangeError(`bencode has no number ${value}`);
    return value;
  }
  if (typeof value === 'string') return utf8Bytes(value);
  if (value instanceof Uint8Array) return value;
  if (isList(value)) return value.map((item) => encodable(item, keys));
  const entries = value instanceof Map ? value.entries() : Object.entries(value as BencodeRecord);
  const dictionary = new Map<Uint8Array, Encodable>();
  for (const [key, item] of entries as Iterable<[string, BencodeInput | undefined]>) {
    if (item !== undefined) dictionary.set(keyBytes(key, keys), encodable(item, keys));
  }
  return dictionary;
}

function isList(value: BencodeInput): value is readonly BencodeInput[] {
  return Array.isArray(value);
}

function keyBytes(key: string, keys: Map<string, KeyBytes>): KeyBytes {
  let bytes = keys.get(key);
  if (bytes === undefined) {
    bytes = KeyBytes.from(key, (character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code > 0xff) throw new RangeError(`not a binary key: ${JSON.stringify(key)}`);
      return code;
    }) as KeyBytes;
    keys.set(key, bytes);
  }
  return bytes;
}

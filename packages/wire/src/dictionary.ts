import type { BencodeDictionary } from './bencode/bencode-value.ts';
import { decodeBencodePrefix, isDictionary } from './bencode/decode.ts';
import { utf8Text } from './text.ts';
import type { WireErrorCode } from './wire-error.ts';
import { WireError } from './wire-error.ts';

/*
 * How messages look into a bencoded dictionary of somebody else: a field of the wrong type, or outside the bounds that its
 * reader names, is as good as absent. What must be there, the reader demands itself.
 */

/** Messages are small: this keeps the tree of one below a megabyte, whatever its bytes say. */
const MESSAGE_LIMITS = { bytesMax: 4 * 1024 * 1024, depthMax: 16, tokensMax: 20_000 };

/**
 * The dictionary at the start of a message and the bytes that it takes; others may follow it.
 *
 * @throws WireError with `code`, the decoder's error as cause
 */
export function decodeLeadingDictionary(
  bytes: Uint8Array,
  code: WireErrorCode,
): { readonly dictionary: BencodeDictionary; readonly length: number } {
  const { value, length } = decodePrefix(bytes, code);
  if (!isDictionary(value)) throw new WireError(code, 'a dictionary was expected');
  return { dictionary: value, length };
}

/** The integer under `key` if it lies between `least` and `most`, both included. */
export function integerOf(
  dictionary: BencodeDictionary,
  key: string,
  least: number,
  most: number,
): number | undefined {
  const value = dictionary.get(key);
  return typeof value === 'number' && value >= least && value <= most ? value : undefined;
}

/** The byte string under `key`, a view. */
export function bytesOf(dictionary: BencodeDictionary, key: string): Uint8Array | undefined {
  const value = dictionary.get(key);
  return value instanceof Uint8Array ? value : undefined;
}

/** The text under `key`, made fit to be shown: at most `lengthMax` UTF-16 units, control characters left out. */
export function textOf(dictionary: BencodeDictionary, key: string, lengthMax: number): string | undefined {
  const bytes = bytesOf(dictionary, key);
  return bytes === undefined ? undefined : shownText(bytes, lengthMax);
}

/** Text that a remote wants somebody to read: UTF-8, at most `lengthMax` UTF-16 units, control characters left out. */
export function shownText(bytes: Uint8Array, lengthMax: number): string {
  // No UTF-16 unit takes more than three bytes of UTF-8, so this much is always enough.
  return utf8Text(bytes, 0, Math.min(bytes.length, 3 * lengthMax))
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '')
    .slice(0, lengthMax);
}

/** The dictionary under `key`. */
export function dictionaryOf(dictionary: BencodeDictionary, key: string): BencodeDictionary | undefined {
  const value = dictionary.get(key);
  return isDictionary(value) ? value : undefined;
}

function decodePrefix(bytes: Uint8Array, code: WireErrorCode): ReturnType<typeof decodeBencodePrefix> {
  try {
    return decodeBencodePrefix(bytes, MESSAGE_LIMITS);
  } catch (cause) {
    if (!(cause instanceof WireError)) throw cause;
    throw new WireError(code, cause.message, { cause });
  }
}

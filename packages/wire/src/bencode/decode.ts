import { binaryText } from '../text.ts';
import type { BencodeDictionary, BencodeLimits, BencodeSpan, BencodeValue } from './bencode-value.ts';
import { BYTES, DICTIONARY, INTEGER, scanBencode, scanWhole, type TokenTape } from './token-tape.ts';

/** A value at the start of some bytes, and what is known of where it stood. */
export interface BencodePrefix {
  readonly value: BencodeValue;
  /** Bytes that the value took; the rest of the source begins here. */
  readonly length: number;
  /** If the value is a dictionary: where the values of its keys stand, in source order. Empty otherwise. */
  readonly spans: ReadonlyMap<string, BencodeSpan>;
}

/**
 * Decodes bytes that hold exactly one bencoded value (BEP 3), strictly; token-tape.ts says how strictly.
 * Byte strings in the result are views into `bytes`. Throws `WireError` `bencode-malformed`, `bencode-too-deep` or
 * `bencode-too-large`, and nothing else.
 */
export function decodeBencode(bytes: Uint8Array, limits: BencodeLimits = {}): BencodeValue {
  return valueOf(scanWhole(bytes, limits));
}

/** As `decodeBencode`, but other bytes may follow the value: the data of a BEP 9 message stands behind its dictionary. */
export function decodeBencodePrefix(bytes: Uint8Array, limits: BencodeLimits = {}): BencodePrefix {
  const tape = scanBencode(bytes, limits);
  return { value: valueOf(tape), length: tape.length, spans: spansOf(tape) };
}

/** True for a dictionary, as opposed to any other value or nothing. */
export function isDictionary(value: BencodeValue | undefined): value is BencodeDictionary {
  return value instanceof Map;
}

/** An open list or dictionary while the tree grows. */
interface Branch {
  readonly container: BencodeValue[] | Map<string, BencodeValue>;
  /** The first token that no longer belongs to it. */
  readonly end: number;
  /** In a dictionary: the key that waits for its value. */
  key: string | undefined;
}

function valueOf(tape: TokenTape): BencodeValue {
  const open: Branch[] = [];
  let root: BencodeValue | undefined;
  for (let token = 0; token < tape.count; token++) {
    while (open.at(-1)?.end === token) open.pop();
    const branch = open.at(-1);
    if (branch?.container instanceof Map && branch.key === undefined) {
      branch.key = binaryText(tape.source, tape.from(token), tape.to(token));
      continue;
    }
    const value = startOf(tape, token);
    root ??= value;
    if (branch !== undefined) attach(branch, value);
    if (value instanceof Map || Array.isArray(value)) {
      open.push({ container: value, end: tape.next(token), key: undefined });
    }
  }
  return root ?? [];
}

/** The value of a string or integer; for the rest an empty container, to be filled. */
function startOf(tape: TokenTape, token: number): Uint8Array | number | bigint | Branch['container'] {
  const kind = tape.kind(token);
  if (kind === BYTES) return tape.bytes(token);
  if (kind === INTEGER) return tape.integer(token);
  return kind === DICTIONARY ? new Map<string, BencodeValue>() : [];
}

function attach(branch: Branch, value: BencodeValue): void {
  if (branch.container instanceof Map) {
    branch.container.set(branch.key ?? '', value);
    branch.key = undefined;
  } else branch.container.push(value);
}

function spansOf(tape: TokenTape): Map<string, BencodeSpan> {
  const spans = new Map<string, BencodeSpan>();
  if (tape.kind(0) !== DICTIONARY) return spans;
  for (let key = 1; key < tape.count; key = tape.next(key + 1)) {
    const name = binaryText(tape.source, tape.from(key), tape.to(key));
    spans.set(name, { start: tape.spanStart(key + 1), end: tape.spanEnd(key + 1) });
  }
  return spans;
}

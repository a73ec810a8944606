/*
 * The strict reader under everything bencoded.
 *
 * One pass over the bytes checks the whole grammar and writes a tape: three integers for each value or key, in source order.
 * Nothing else is allocated, whatever the input, and nothing recurses. A tree is built from the tape only for small things
 * (decode.ts); the metainfo parser walks the tape itself, because a tree of a payload with 100,000 files costs more than all
 * the rest of opening it.
 *
 * Strictness, BEP 3 and interop: integers are canonical (no `-0`, no leading zeros, at least one digit) and fit 64 bits,
 * signed or unsigned; string lengths have no leading zeros and stay inside the input; a dictionary names no key twice. Keys out of
 * order are tolerated: torrents made by sloppy programs exist, libtorrent and Transmission open them, and an info-hash is
 * taken from the bytes as they stand, so nothing depends on the order.
 */
import { binaryText } from '../text.ts';
import { WireError } from '../wire-error.ts';
import type { BencodeLimits } from './bencode-value.ts';

/** Token kinds, in two bits. */
export const BYTES = 0;
export const INTEGER = 1;
export const LIST = 2;
export const DICTIONARY = 3;

/** No such token. */
export const NONE: number = -1;

const DEFAULT_BYTES_MAX = 4 * 1024 * 1024;
const DEFAULT_DEPTH_MAX = 100;
const DEFAULT_TOKENS_MAX = 250_000;

/** Cells of a token: where its content starts, where it ends, and (next token beside it << 2 | kind). */
const STRIDE = 3;
/** Offsets and token numbers stay in 29 bits, so that a cell holds them with the kind. */
const CELL_MAX = 2 ** 29 - 1;

const CHAR_E = 0x65;
const CHAR_COLON = 0x3a;
const CHAR_MINUS = 0x2d;
const CHAR_0 = 0x30;
const CHAR_9 = 0x39;
const CHAR_D = 0x64;
const CHAR_I = 0x69;
const CHAR_L = 0x6c;

/**
 * Reads one value at the start of `source` and returns its tape; `tape.length` says how many bytes the value took, and what
 * follows it is not looked at. Throws `WireError` `bencode-malformed`, `bencode-too-deep` or `bencode-too-large`.
 */
export function scanBencode(source: Uint8Array, limits: BencodeLimits = {}): TokenTape {
  return new Scanner(source, limits).scan();
}

/** As `scanBencode`, and nothing may follow the value. */
export function scanWhole(source: Uint8Array, limits: BencodeLimits = {}): TokenTape {
  const tape = scanBencode(source, limits);
  if (tape.length !== source.length) {
    throw malformed(tape.length, `the value ends here, but ${source.length - tape.length} bytes follow`);
  }
  return tape;
}

/** What a scan found. Token 0 is the value itself; the first child of a list or dictionary is the token after it. */
export class TokenTape {
  readonly source: Uint8Array;
  /** Tokens, keys included. */
  readonly count: number;
  readonly #cells: Int32Array;

  constructor(source: Uint8Array, cells: Int32Array, count: number) {
    this.source = source;
    this.count = count;
    this.#cells = cells;
  }

  /** Bytes that the value took. */
  get length(): number {
    return this.spanEnd(0);
  }

  kind(token: number): number {
    return (this.#cells[token * STRIDE + 2] ?? 0) & 3;
  }

  /** Where a string's content, an integer's digits (or sign), or a whole list or dictionary starts. */
  from(token: number): number {
    return this.#cells[token * STRIDE] ?? 0;
  }

  /** Where that ends. */
  to(token: number): number {
    return this.#cells[token * STRIDE + 1] ?? 0;
  }

  /** The token after this one and all that it contains. */
  next(token: number): number {
    return (this.#cells[token * STRIDE + 2] ?? 0) >>> 2;
  }

  /** Where the value's encoding starts, framing included. */
  spanStart(token: number): number {
    const from = this.from(token);
    const kind = this.kind(token);
    if (kind === INTEGER) return from - 1;
    // Lengths have no leading zeros, so their text follows from their value.
    return kind === BYTES ? from - String(this.to(token) - from).length - 1 : from;
  }

  /** Where the value's encoding ends. */
  spanEnd(token: number): number {
    return this.kind(token) === INTEGER ? this.to(token) + 1 : this.to(token);
  }

  /** A string's content, as a view. */
  bytes(token: number): Uint8Array {
    return this.source.subarray(this.from(token), this.to(token));
  }

  /** An integer's value; bigint when a number cannot hold it. */
  integer(token: number): number | bigint {
    const { source } = this;
    const to = this.to(token);
    let at = this.from(token);
    const negative = source[at] === CHAR_MINUS;
    if (negative) at++;
    // 15 digits are always safe; longer ones are rare and may take the long way.
    if (to - at > 15) {
      const value = BigInt(binaryText(source, this.from(token), to));
      const number = Number(value);
      return Number.isSafeInteger(number) ? number : value;
    }
    let value = 0;
    for (; at < to; at++) value = value * 10 + (source[at] ?? 0) - CHAR_0;
    return negative ? -value : value;
  }

  /** True when a string's content is exactly this ASCII text. */
  isText(token: number, text: string): boolean {
    const from = this.from(token);
    if (this.to(token) - from !== text.length) return false;
    for (let i = 0; i < text.length; i++) {
      if (this.source[from + i] !== text.charCodeAt(i)) return false;
    }
    return true;
  }

  /** The value under an ASCII key of a dictionary, or `NONE`. */
  find(dictionary: number, key: string): number {
    const end = this.next(dictionary);
    for (let token = dictionary + 1; token < end; token = this.next(token + 1)) {
      if (this.isText(token, key)) return token + 1;
    }
    return NONE;
  }
}

class Scanner {
  readonly #source: Uint8Array;
  readonly #depthMax: number;
  readonly #tokensMax: number;
  #cells: Int32Array;
  #count = 0;
  #at = 0;
  /** The innermost open list or dictionary (`NONE`: none is open), and for a dictionary its last key (`NONE` before the first). */
  #container: number = NONE;
  #isDictionary = false;
  #lastKey: number = NONE;
  /** The same of those around it, outermost first: two numbers each, container and last key. */
  readonly #around: number[] = [];
  #depth = 0;
  /** Open dictionaries with keys out of order: their keys are compared when they close. */
  readonly #unsorted = new Set<number>();

  constructor(source: Uint8Array, limits: BencodeLimits) {
    const bytesMax = Math.min(limits.bytesMax ?? DEFAULT_BYTES_MAX, CELL_MAX);
    if (source.length > bytesMax) throw tooLarge(`${source.length} bytes`, `${bytesMax} bytes`);
    this.#source = source;
    this.#depthMax = limits.depthMax ?? DEFAULT_DEPTH_MAX;
    this.#tokensMax = Math.min(limits.tokensMax ?? DEFAULT_TOKENS_MAX, CELL_MAX);
    // A token takes two bytes at least; in file lists, the densest real data, five to ten.
    this.#cells = new Int32Array(STRIDE * Math.min(this.#tokensMax, 16 + (source.length >>> 3)));
  }

  scan(): TokenTape {
    do this.#step();
    while (this.#depth > 0);
    return new TokenTape(this.#source, this.#cells, this.#count);
  }

  /** Reads one string or integer, opens a list or dictionary, or closes one. */
  #step(): void {
    const byte = this.#source[this.#at];
    if (this.#depth > 0) {
      // A value is due when the last thing read is a key; `NONE` stands there for lists and before the first key.
      const awaitsValue = this.#lastKey === this.#count - 1;
      if (byte === CHAR_E) return this.#close(awaitsValue);
      if (this.#isDictionary && !awaitsValue) return this.#key();
    }
    if (byte === CHAR_I) this.#integer();
    else if (byte === CHAR_L) this.#open(LIST);
    else if (byte === CHAR_D) this.#open(DICTIONARY);
    else this.#string();
  }

  #open(kind: number): void {
    const depth = this.#depth;
    if (depth >= this.#depthMax) {
      throw new WireError(
        'bencode-too-deep',
        `bencode nests deeper than ${this.#depthMax} at byte ${this.#at}`,
      );
    }
    this.#around[2 * depth] = this.#container;
    this.#around[2 * depth + 1] = this.#lastKey;
    this.#depth = depth + 1;
    this.#container = this.#count;
    this.#isDictionary = kind === DICTIONARY;
    this.#lastKey = NONE;
    this.#token(kind, this.#at, 0);
    this.#at++;
  }

  #close(awaitsValue: boolean): void {
    if (awaitsValue) throw malformed(this.#at, 'a key has no value');
    const container = this.#container;
    const cells = this.#cells;
    const cell = container * STRIDE;
    this.#at++;
    cells[cell + 1] = this.#at;
    cells[cell + 2] = (this.#count << 2) | (this.#isDictionary ? DICTIONARY : LIST);
    if (this.#unsorted.size > 0 && this.#unsorted.delete(container)) this.#refuseTwins(container);
    const depth = this.#depth - 1;
    const outer = this.#around[2 * depth] ?? NONE;
    this.#depth = depth;
    this.#container = outer;
    this.#lastKey = this.#around[2 * depth + 1] ?? NONE;
    this.#isDictionary = outer !== NONE && ((cells[outer * STRIDE + 2] ?? 0) & 3) === DICTIONARY;
  }

  #key(): void {
    const last = this.#lastKey;
    const key = this.#count;
    this.#string();
    this.#lastKey = key;
    if (last === NONE) return;
    const order = this.#compare(last, key);
    if (order === 0) throw this.#twin(key);
    if (order > 0) this.#unsorted.add(this.#container);
  }

  #string(): void {
    const source = this.#source;
    const start = this.#at;
    let at = start;
    let length = 0;
    for (;;) {
      const byte = source[at];
      if (byte === undefined) throw malformed(at, 'the input ends inside a value');
      if (byte === CHAR_COLON && at > start) break;
      if (byte < CHAR_0 || byte > CHAR_9) throw malformed(at, `unexpected byte 0x${byte.toString(16)}`);
      if (at > start && length === 0) throw malformed(start, 'a string length has a leading zero');
      length = length * 10 + byte - CHAR_0;
      // Checked at each digit, so that the number stays small however many digits follow.
      if (length > source.length) throw malformed(start, 'a string is longer than the input');
      at++;
    }
    const from = at + 1;
    if (length > source.length - from) throw malformed(start, 'a string is longer than the input');
    this.#token(BYTES, from, from + length);
    this.#at = from + length;
  }

  #integer(): void {
    const source = this.#source;
    const start = this.#at + 1;
    const negative = source[start] === CHAR_MINUS;
    const first = negative ? start + 1 : start;
    let at = first;
    for (;;) {
      const byte = source[at];
      if (byte === undefined) throw malformed(at, 'the input ends inside an integer');
      if (byte < CHAR_0 || byte > CHAR_9) break;
      at++;
    }
    if (source[at] !== CHAR_E || at === first) throw malformed(at, 'an integer needs digits and a closing e');
    if (source[first] === CHAR_0 && (at - first > 1 || negative)) {
      throw malformed(start, 'an integer is not written canonically (leading zero or -0)');
    }
    // 18 digits always fit; 20 may.
    if (at - first > 18 && !fits64(binaryText(source, start, Math.min(at, first + 21)))) {
      throw malformed(start, 'an integer does not fit 64 bits');
    }
    this.#token(INTEGER, start, at);
    this.#at = at + 1;
  }

  #token(kind: number, from: number, to: number): void {
    const token = this.#count;
    if (token >= this.#tokensMax) throw tooLarge(`more than ${token} values`, `${this.#tokensMax}`);
    const cell = token * STRIDE;
    if (cell === this.#cells.length) this.#grow();
    this.#cells[cell] = from;
    this.#cells[cell + 1] = to;
    this.#cells[cell + 2] = ((token + 1) << 2) | kind;
    this.#count = token + 1;
  }

  #grow(): void {
    const grown = new Int32Array(Math.min(this.#cells.length * 2, this.#tokensMax * STRIDE));
    grown.set(this.#cells);
    this.#cells = grown;
  }

  /** Order of two keys by their raw bytes. */
  #compare(left: number, right: number): number {
    const source = this.#source;
    const cells = this.#cells;
    let a = cells[left * STRIDE] ?? 0;
    let b = cells[right * STRIDE] ?? 0;
    const aEnd = cells[left * STRIDE + 1] ?? 0;
    const bEnd = cells[right * STRIDE + 1] ?? 0;
    for (; a < aEnd && b < bEnd; a++, b++) {
      const difference = (source[a] ?? 0) - (source[b] ?? 0);
      if (difference !== 0) return difference;
    }
    return aEnd - a - (bEnd - b);
  }

  #refuseTwins(dictionary: number): void {
    const tape = new TokenTape(this.#source, this.#cells, this.#count);
    const seen = new Set<string>();
    for (let key = dictionary + 1; key < this.#count; key = tape.next(key + 1)) {
      const text = binaryText(this.#source, tape.from(key), tape.to(key));
      if (seen.has(text)) throw this.#twin(key);
      seen.add(text);
    }
  }

  #twin(key: number): WireError {
    const from = this.#cells[key * STRIDE] ?? 0;
    const to = Math.min(this.#cells[key * STRIDE + 1] ?? 0, from + 40);
    const text = JSON.stringify(binaryText(this.#source, from, to));
    return malformed(from, `a dictionary has the key ${text} twice`);
  }
}

function fits64(digits: string): boolean {
  const value = BigInt(digits);
  return value >= -(2n ** 63n) && value < 2n ** 64n;
}

function malformed(at: number, what: string): WireError {
  return new WireError('bencode-malformed', `malformed bencode at byte ${at}: ${what}`);
}

function tooLarge(what: string, limit: string): WireError {
  return new WireError('bencode-too-large', `bencode is too large: ${what}, at most ${limit} are read`);
}

/*
 * Bytes to text. Most strings of the protocol are short and ASCII, where a call into the platform's decoder costs more than
 * the text itself; those are built here.
 */

/** Longest run handed to `String.fromCharCode` at once; its arguments travel on the stack. */
const RUN_MAX = 4096;

/** One character (0 to 255) for each byte from `from` up to `to`: keeps every byte string, and reads as text when it is ASCII. */
export function binaryText(bytes: Uint8Array, from: number = 0, to: number = bytes.length): string {
  if (to - from <= RUN_MAX) return run(bytes, from, to);
  let text = '';
  for (let at = from; at < to; at += RUN_MAX) text += run(bytes, at, Math.min(to, at + RUN_MAX));
  return text;
}

/** UTF-8 from `from` up to `to`; each malformed sequence becomes U+FFFD, as the Encoding Standard says, also on every platform. */
export function utf8Text(bytes: Uint8Array, from: number = 0, to: number = bytes.length): string {
  for (let at = from; at < to; at++) {
    if ((bytes[at] ?? 0) > 0x7f) return utf8.decode(bytes.subarray(from, to));
  }
  return binaryText(bytes, from, to);
}

/**
 * Texts of ASCII runs that lie close together in one source and are asked for in order, such as the names in a file list:
 * whole windows of the source are decoded at once and cut.
 */
export class AsciiWindow {
  readonly #source: Uint8Array;
  #text = '';
  #start = 0;
  #end = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** The bytes from `from` up to `to`, which must all be ASCII. */
  text(from: number, to: number): string {
    if (from >= this.#end) this.#open(from);
    if (from < this.#start || to > this.#end || this.#text === '') return binaryText(this.#source, from, to);
    return this.#text.slice(from - this.#start, to - this.#start);
  }

  #open(from: number): void {
    const window = this.#source.subarray(from, from + WINDOW_LENGTH);
    const text = utf8.decode(window);
    this.#start = from;
    this.#end = from + window.length;
    // No character takes less than one byte: with as many units as bytes, each stands at its byte's place.
    this.#text = text.length === window.length ? text : '';
  }
}

const WINDOW_LENGTH = 16 * 1024;

/** Bytes of `text` in UTF-8. */
export function utf8Bytes(text: string): Uint8Array {
  return encoder.encode(text);
}

// A byte order mark is part of the name that it stands in: the bytes must not be reinterpreted.
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const encoder = new TextEncoder();

function run(bytes: Uint8Array, from: number, to: number): string {
  // An array of the final size at once: growing one costs several times the text.
  // oxlint-disable-next-line unicorn/no-new-array -- `Array.from` fills one by one, which is what this avoids
  const codes = new Array<number>(to - from);
  for (let at = from; at < to; at++) codes[at - from] = bytes[at] ?? 0;
  return String.fromCharCode.apply(undefined, codes);
}

/*
 * Turning valid input into input that is nearly valid: what finds mistakes in readers of bytes. Everything follows from one
 * number, so any input can be made again.
 */

/** Inputs grow no further than this. */
const LENGTH_MAX = 64 * 1024;
const EDITS_MAX = 6;

/** Numbers from 0 up to and without 2^32, always the same from the same seed (Mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

/** One of the `valid` inputs with one to six edits, drawn from `random`. */
export function mutated(valid: readonly Uint8Array[], random: () => number): Uint8Array {
  let bytes: Uint8Array = new Uint8Array(pick(valid, random));
  // Half of them differ in one place only: those get furthest.
  const edits = random() % 2 === 0 ? 1 : 2 + (random() % (EDITS_MAX - 1));
  for (let i = 0; i < edits; i += 1) bytes = pick(EDITS, random)(bytes, random, valid);
  return bytes.subarray(0, LENGTH_MAX);
}

type Edit = (bytes: Uint8Array, random: () => number, valid: readonly Uint8Array[]) => Uint8Array;

const flipBit: Edit = (bytes, random) => {
  const at = placeIn(bytes, random);
  if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << (random() % 8));
  return bytes;
};

const setByte: Edit = (bytes, random) => {
  const at = placeIn(bytes, random);
  if (at < bytes.length) bytes[at] = pick(TELLING_BYTES, random);
  return bytes;
};

const setWord: Edit = (bytes, random) => {
  const at = placeIn(bytes, random);
  if (at + 4 <= bytes.length)
    new DataView(bytes.buffer, bytes.byteOffset).setUint32(at, pick(TELLING_WORDS, random));
  return bytes;
};

const removeRun: Edit = (bytes, random) => {
  const at = placeIn(bytes, random);
  return spliced(bytes, at, random() % 17, new Uint8Array(0));
};

const repeatRun: Edit = (bytes, random) => {
  const at = placeIn(bytes, random);
  return spliced(bytes, at, 0, bytes.subarray(at, at + 1 + (random() % 64)));
};

const truncate: Edit = (bytes, random) => bytes.subarray(0, placeIn(bytes, random));

const insertText: Edit = (bytes, random) => {
  const at = placeIn(bytes, random);
  return spliced(bytes, at, random() % 4, Buffer.from(pick(TELLING_TEXTS, random), 'latin1'));
};

const crossOver: Edit = (bytes, random, valid) => {
  const other = pick(valid, random);
  const from = placeIn(other, random);
  return spliced(bytes, placeIn(bytes, random), random() % 64, other.subarray(from, from + (random() % 256)));
};

const EDITS: readonly Edit[] = [
  flipBit,
  setByte,
  setWord,
  removeRun,
  repeatRun,
  truncate,
  insertText,
  insertText,
  crossOver,
];

const TELLING_BYTES = Array.from(Buffer.from('idle0123456789:-./\\&%=?\u0000\u007f\u0080\u00ff', 'latin1'));
const TELLING_WORDS = [0, 1, 0x7f, 0x80, 0xffff, 0x4000, 0x4001, 0x7fffffff, 0x80000000, 0xffffffff];
const TELLING_TEXTS = [
  'l'.repeat(200),
  'd1:a'.repeat(200),
  'le'.repeat(500),
  'de'.repeat(500),
  'i-0e',
  'i00e',
  'i9223372036854775807e',
  `i${'9'.repeat(500)}e`,
  '99999999999:',
  '4294967296:',
  '0:',
  '2:..',
  '1:.',
  '3:NUL',
  '3:a/b',
  '4:path',
  '4:info',
  '12:symlink path',
  '4:attr1:l',
  '%00',
  '%ff%fe',
  '&so=0-999999',
  '&tr=',
  '\u00e2\u0080\u00ae',
  '\u00ed\u00a0\u0080',
];

/** Anywhere, the end included. */
function placeIn(bytes: Uint8Array, random: () => number): number {
  return random() % (bytes.length + 1);
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at + removed)]);
}

function pick<T>(items: readonly T[], random: () => number): T {
  const item = items[random() % items.length];
  if (item === undefined) throw new TypeError('nothing to pick from');
  return item;
}

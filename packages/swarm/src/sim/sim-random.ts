import type { Random } from '../ports/random.ts';

/**
 * Seeded randomness: sfc32 (Chris Doty-Humphrey, PractRand), period about 2^128, passes BigCrush. Streams are split by label, not by
 * drawing: a new host, or one more draw on one host, changes nothing for the others.
 */
export class SimRandom implements Random {
  readonly #key: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number | string) {
    this.#key = String(seed);
    const mix = stringMixer(this.#key);
    this.#a = mix();
    this.#b = mix();
    this.#c = mix();
    for (let round = 0; round < 15; round += 1) this.uint32();
  }

  /** An independent stream that depends on this one's seed and the label only. */
  split(label: string): SimRandom {
    return new SimRandom(`${this.#key}/${label}`);
  }

  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  next(): number {
    return ((this.uint32() >>> 5) * 0x4000000 + (this.uint32() >>> 6)) / 0x20000000000000;
  }

  bytes(count: number): Uint8Array {
    const words = new Uint32Array(Math.ceil(count / 4));
    for (let index = 0; index < words.length; index += 1) words[index] = this.uint32();
    return new Uint8Array(words.buffer, 0, count);
  }

  /** An integer from `from` up to, not including, `to`. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  /** How long until the next occurrence of something that happens every `mean` on average. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.integer(0, items.length)]!;
  }
}

/** Words that depend on every character: xmur3 over the text (Bret Mulvey's MurmurHash3 finalizer as a generator). */
function stringMixer(text: string): () => number {
  let hash = 1779033703 ^ text.length;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash | 0;
  };
}

import BitField from 'bitfield';

/**
 * A set of piece indexes below a fixed count, as bits in BEP 3 order. Unlike the bitfield under it, it owns its memory, counts its
 * members, and holds nothing outside its range, so that spare bits are always zero.
 */
export class PieceSet {
  readonly size: number;
  readonly #bits: BitField;
  #count = 0;

  /** `bits` are copied; bits at and above `size` are ignored. */
  constructor(size: number, bits?: Uint8Array) {
    this.size = size;
    this.#bits = new BitField(size);
    if (bits === undefined) return;
    const source = new BitField(bits);
    for (let piece = 0; piece < size; piece++) if (source.get(piece)) this.add(piece);
  }

  get count(): number {
    return this.#count;
  }

  has(piece: number): boolean {
    return piece >= 0 && piece < this.size && this.#bits.get(piece);
  }

  /** True when the piece was not in the set before. Pieces out of range are never added. */
  add(piece: number): boolean {
    if (!Number.isInteger(piece) || piece < 0 || piece >= this.size || this.#bits.get(piece)) return false;
    this.#bits.set(piece);
    this.#count++;
    return true;
  }

  /** True when the piece was in the set before. */
  delete(piece: number): boolean {
    if (!this.has(piece)) return false;
    this.#bits.set(piece, false);
    this.#count--;
    return true;
  }

  /** A copy in BEP 3 bit order: ceil(size / 8) bytes. */
  toBits(): Uint8Array {
    return this.#bits.buffer.slice();
  }

  /** True when every bit of `bits` is in the set. */
  covers(bits: Uint8Array): boolean {
    const own = this.#bits.buffer;
    return bits.every((byte, index) => (byte & ~(own[index] ?? 0)) === 0);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let piece = 0; piece < this.size; piece++) if (this.#bits.get(piece)) yield piece;
  }
}

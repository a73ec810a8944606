/**
 * What a peer has, as the picker reads it. `bits` in BEP 3 order (first piece = highest bit of the first byte), or undefined
 * when the peer has everything or nothing: most peers are one of the two, and then a set costs nothing.
 */
export interface PieceSet {
  /** Pieces in the set. */
  readonly count: number;
  readonly bits?: Uint8Array | undefined;
  has(piece: number): boolean;
}

/** A growing set of pieces: one for each connection. Takes memory only once a peer has some but not all pieces. */
export class PeerPieces implements PieceSet {
  readonly #pieceCount: number;
  #bits: Uint8Array | undefined;
  #count = 0;

  constructor(pieceCount: number) {
    this.#pieceCount = pieceCount;
  }

  get count(): number {
    return this.#count;
  }

  /** Everything is there. */
  get complete(): boolean {
    return this.#count === this.#pieceCount;
  }

  /** The set's own memory, not to be changed. Stays defined when single haves complete the set, so that who counted bits uncounts bits. */
  get bits(): Uint8Array | undefined {
    return this.#bits;
  }

  has(piece: number): boolean {
    if (this.#bits === undefined) return this.#count > 0;
    return (this.#bits[piece >> 3]! & (0x80 >> (piece & 7))) !== 0;
  }

  /** Replaces everything by a copy of a bitfield that is already checked: right length, spare bits zero. */
  assign(bits: Uint8Array): void {
    this.#count = bits.reduce((count, byte) => count + bitsIn(byte), 0);
    const mixed = this.#count > 0 && this.#count < this.#pieceCount;
    this.#bits = mixed ? new Uint8Array(bits) : undefined;
  }

  /** Everything, as BEP 6 `have all` says it. */
  fill(): void {
    this.#bits = undefined;
    this.#count = this.#pieceCount;
  }

  /** Nothing, as before the first message or after `have none`. */
  clear(): void {
    this.#bits = undefined;
    this.#count = 0;
  }

  /** A `have`; false when it was known. */
  add(piece: number): boolean {
    if (this.has(piece)) return false;
    this.#bits ??= new Uint8Array(Math.ceil(this.#pieceCount / 8));
    this.#bits[piece >> 3]! |= 0x80 >> (piece & 7);
    this.#count++;
    return true;
  }

  /** A BEP 54 `donthave`; false when it was not there. A complete set gets bits by this: uncount it in the picker before, count it after. */
  remove(piece: number): boolean {
    if (!this.has(piece)) return false;
    this.#bits ??= allBits(this.#pieceCount);
    this.#bits[piece >> 3]! &= ~(0x80 >> (piece & 7));
    this.#count--;
    return true;
  }
}

function allBits(pieceCount: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(pieceCount / 8)).fill(0xff);
  const spare = bits.length * 8 - pieceCount;
  if (bits.length > 0) bits[bits.length - 1] = (0xff << spare) & 0xff;
  return bits;
}

function bitsIn(byte: number): number {
  let rest = byte;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

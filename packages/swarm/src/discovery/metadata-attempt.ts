import { METADATA_PIECE_LENGTH } from '@brine/wire';

/** One copy of an info dictionary in the making: of one claimed size, by all who claim it or by one `owner` alone. */
export class MetadataAttempt {
  readonly size: number;
  /** The only peer that may contribute; undefined when all that claim the size may. */
  readonly owner: string | undefined;
  /** When its turn is over, if others wait. */
  readonly endsMs: number;
  /** Peers of whom a piece was stored. */
  readonly contributors: Set<string> = new Set();
  readonly #pieces: (Uint8Array | undefined)[];
  #missingCount: number;

  constructor(options: {
    readonly size: number;
    readonly owner: string | undefined;
    readonly endsMs: number;
  }) {
    this.size = options.size;
    this.owner = options.owner;
    this.endsMs = options.endsMs;
    this.#missingCount = Math.ceil(this.size / METADATA_PIECE_LENGTH);
    // Slots only: memory for bytes is taken when they are here, not when somebody claims them.
    this.#pieces = Array.from<undefined>({ length: this.#missingCount });
  }

  get whole(): boolean {
    return this.#missingCount === 0;
  }

  isFor(size: number, owner: string | undefined): boolean {
    return this.size === size && this.owner === owner;
  }

  /** Whether a peer that claims this size may contribute. */
  admits(size: number, peerKey: string): boolean {
    return this.size === size && (this.owner ?? peerKey) === peerKey;
  }

  lengthOf(piece: number): number {
    return Math.min(METADATA_PIECE_LENGTH, this.size - piece * METADATA_PIECE_LENGTH);
  }

  /** Up to `countMax` pieces that are neither here nor in `asked`, in order. */
  missing(asked: ReadonlySet<number>, countMax: number): number[] {
    const missing: number[] = [];
    for (let piece = 0; piece < this.#pieces.length && missing.length < countMax; piece++) {
      if (this.#pieces[piece] === undefined && !asked.has(piece)) missing.push(piece);
    }
    return missing;
  }

  /** Keeps a copy of a piece; false when it was here already. */
  store(piece: number, contributor: string, bytes: Uint8Array): boolean {
    if (this.#pieces[piece] !== undefined) return false;
    this.#pieces[piece] = new Uint8Array(bytes);
    this.#missingCount -= 1;
    this.contributors.add(contributor);
    return true;
  }

  /** The whole; only when `whole`. */
  assemble(): Uint8Array {
    const whole = new Uint8Array(this.size);
    for (const [piece, bytes] of this.#pieces.entries()) {
      if (bytes !== undefined) whole.set(bytes, piece * METADATA_PIECE_LENGTH);
    }
    return whole;
  }
}

import { createHash } from 'node:crypto';

import { pieceHashAt, pieceLengthAt, PieceSet, StoreError } from '@brine/piece-store';
import type {
  CommitOptions,
  CommitOutcome,
  OpenRequest,
  PieceBuffer,
  PieceStore,
  Storage,
} from '@brine/piece-store';

/**
 * A storage of one's own: verified pieces are entries of a map, as they could be rows of a database or objects of a cloud store.
 * The engine asks nothing more of a store than this. What must hold: only right pieces are kept, and answers to `commit` and
 * `read` come later, never from inside the call.
 */
export class MapStorage implements Storage {
  readonly entries = new Map<string, Uint8Array>();

  async open({ id, layout }: OpenRequest): Promise<PieceStore> {
    return new MapStore(id, layout, this.entries);
  }

  async close(): Promise<void> {}
}

class MapStore implements PieceStore {
  readonly layout: OpenRequest['layout'];
  readonly #id: string;
  readonly #entries: Map<string, Uint8Array>;
  readonly #verified: PieceSet;
  #lent = 0;

  constructor(id: string, layout: OpenRequest['layout'], entries: Map<string, Uint8Array>) {
    this.#id = id;
    this.layout = layout;
    this.#entries = entries;
    this.#verified = new PieceSet(layout.pieceCount);
    for (let piece = 0; piece < layout.pieceCount; piece++)
      if (entries.has(this.#key(piece))) this.#verified.add(piece);
  }

  get verifiedCount(): number {
    return this.#verified.count;
  }
  /** There is no other name to publish under: complete is published. */
  get published(): boolean {
    return this.#verified.count === this.layout.pieceCount;
  }
  has(piece: number): boolean {
    return this.#verified.has(piece);
  }
  verifiedBits(): Uint8Array {
    return this.#verified.toBits();
  }

  /** Sixteen pieces in memory at most: without a buffer, the engine asks for nothing new. */
  borrow(piece: number): PieceBuffer | undefined {
    if (this.#lent === 16) return undefined;
    this.#lent += 1;
    return { piece, bytes: new Uint8Array(pieceLengthAt(this.layout, piece)) };
  }
  giveBack(_buffer: PieceBuffer): void {
    this.#lent -= 1;
  }

  commit(
    { piece, bytes }: PieceBuffer,
    _options: CommitOptions,
    done: (outcome: CommitOutcome) => void,
  ): void {
    this.#lent -= 1;
    const right = createHash('sha1').update(bytes).digest().equals(pieceHashAt(this.layout, piece));
    if (right) {
      this.#entries.set(this.#key(piece), bytes);
      this.#verified.add(piece);
    }
    setImmediate(() => done(right ? { type: 'stored' } : { type: 'corrupt', blockDigests: [] }));
  }

  read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    const bytes = this.#entries.get(this.#key(piece));
    let at = begin;
    for (const target of targets) {
      if (bytes !== undefined) target.set(bytes.subarray(at, at + target.length));
      at += target.length;
    }
    const error =
      bytes === undefined ? new StoreError('file-missing', `piece ${piece} is not here`) : undefined;
    setImmediate(() => done(error));
  }

  async remove({ data }: { readonly data: boolean }): Promise<void> {
    if (!data) return;
    for (let piece = 0; piece < this.layout.pieceCount; piece++) this.#entries.delete(this.#key(piece));
  }
  // A map has no directory, nothing to hash again, and nothing to flush.
  async verify(): Promise<void> {}
  async setWanted(): Promise<void> {}
  async publish(): Promise<void> {}
  async move(): Promise<void> {}
  async flush(): Promise<void> {}
  async close(): Promise<void> {}

  #key(piece: number): string {
    return `${this.#id}/${piece}`;
  }
}

import { blockDigests } from './block-digests.ts';
import type { MemoryContent, MemoryStorageOptions } from './memory-storage.ts';
import type { PayloadLayout } from './payload-layout.ts';
import { pieceHashAt, pieceLengthAt, wantedPieceBits } from './piece-geometry.ts';
import type { PieceSet } from './piece-set.ts';
import type {
  CommitOptions,
  CommitOutcome,
  PieceBuffer,
  PieceStore,
  VerifyOptions,
  VerifyProgress,
} from './piece-store.ts';
import { StoreError } from './store-error.ts';
import type { OpenRequest } from './storage.ts';

/** Piece buffers of a `MemoryStorage`, shared by its stores; free ones are kept by length. */
export interface MemoryPool {
  readonly bytesMax: number;
  bytesLent: number;
  readonly free: Map<number, Uint8Array[]>;
}

/** What a store gets from its storage. */
export interface MemoryStoreParts extends MemoryStorageOptions {
  readonly request: OpenRequest;
  readonly content: MemoryContent;
  readonly verified: PieceSet;
  readonly published: boolean;
  readonly pool: MemoryPool;
  readonly check: (onProgress?: (progress: VerifyProgress) => void) => PieceSet;
  /** Makes the content stand in `directory` (undefined: nowhere), under its final name or staged. Throws `destination-exists`. */
  readonly settle: (directory: string | undefined, published: boolean) => void;
  readonly closed: () => void;
}

/** One payload of a `MemoryStorage`. */
export class MemoryStore implements PieceStore {
  readonly layout: PayloadLayout;
  readonly #parts: MemoryStoreParts;
  readonly #lent = new Set<PieceBuffer>();
  #verified: PieceSet;
  #wantedBits: Uint8Array;
  #published: boolean;
  #directory: string;
  #closed = false;

  constructor(parts: MemoryStoreParts) {
    this.layout = parts.request.layout;
    this.#parts = parts;
    this.#verified = parts.verified;
    this.#wantedBits = wantedPieceBits(this.layout, parts.request.wantedFiles);
    this.#published = parts.published;
    this.#directory = parts.request.directory;
  }

  get verifiedCount(): number {
    return this.#verified.count;
  }

  get published(): boolean {
    return this.#published && this.#verified.covers(this.#wantedBits);
  }

  has(piece: number): boolean {
    return this.#verified.has(piece);
  }

  verifiedBits(): Uint8Array {
    return this.#verified.toBits();
  }

  borrow(piece: number): PieceBuffer | undefined {
    const { pool } = this.#parts;
    const slot = this.layout.pieceLength;
    if (this.#closed || pool.bytesLent + slot > Math.max(pool.bytesMax, 4 * slot)) return undefined;
    pool.bytesLent += slot;
    const memory = pool.free.get(slot)?.pop() ?? new Uint8Array(slot);
    const buffer = { piece, bytes: memory.subarray(0, pieceLengthAt(this.layout, piece)) };
    this.#lent.add(buffer);
    return buffer;
  }

  giveBack(buffer: PieceBuffer): void {
    if (!this.#lent.delete(buffer)) return;
    const { pool } = this.#parts;
    const slot = this.layout.pieceLength;
    pool.bytesLent -= slot;
    const free = pool.free.get(slot) ?? [];
    pool.free.set(slot, free);
    free.push(new Uint8Array(buffer.bytes.buffer));
  }

  commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    this.#parts.defer(() => done(this.#commit(buffer, options)));
  }

  read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    this.#parts.defer(() => done(this.#read(piece, begin, targets)));
  }

  async verify(options?: VerifyOptions): Promise<void> {
    await this.#turn();
    this.#verified = this.#parts.check(options?.onProgress);
  }

  async setWanted(files: readonly boolean[]): Promise<void> {
    await this.#turn();
    this.#wantedBits = wantedPieceBits(this.layout, files);
  }

  async publish(): Promise<void> {
    await this.#turn();
    if (this.#published || !this.#verified.covers(this.#wantedBits)) return;
    this.#parts.settle(this.#directory, true);
    this.#published = true;
  }

  async move(directory: string): Promise<void> {
    await this.#turn();
    this.#parts.settle(directory, this.#published);
    this.#directory = directory;
  }

  async remove(options: { readonly data: boolean }): Promise<void> {
    await this.#turn();
    const ours = this.#parts.request.mode !== 'seed' && !this.#parts.published;
    if (!this.#published || (options.data && ours)) this.#parts.settle(undefined, false);
    await this.close();
  }

  async flush(): Promise<void> {
    await this.#turn();
  }

  close(): Promise<void> {
    this.#closed = true;
    for (const buffer of this.#lent) this.giveBack(buffer);
    this.#parts.closed();
    return Promise.resolve();
  }

  #commit(buffer: PieceBuffer, options: CommitOptions): CommitOutcome {
    if (!this.#lent.has(buffer)) {
      return {
        type: 'failed',
        error: new StoreError('closed', 'the buffer was given back or the store closed'),
      };
    }
    const { hasher, content, knownPieces } = this.#parts;
    const { piece, bytes } = buffer;
    const digest = hex(hasher.digest('sha1', bytes));
    const right = digest === hex(pieceHashAt(this.layout, piece));
    const digests = right && options.digestBlocks !== true ? undefined : blockDigests(hasher, bytes);
    if (right) {
      const known = knownPieces?.get(digest) ?? bytes.slice();
      knownPieces?.set(digest, known);
      content.pieces.set(piece, known);
      this.#verified.add(piece);
    }
    this.giveBack(buffer);
    if (!right) return { type: 'corrupt', blockDigests: digests ?? [] };
    return digests === undefined ? { type: 'stored' } : { type: 'stored', blockDigests: digests };
  }

  #read(piece: number, begin: number, targets: readonly Uint8Array[]): StoreError | undefined {
    if (this.#closed) return new StoreError('closed', 'the store is closed');
    const bytes = this.#verified.has(piece) ? this.#parts.content.pieces.get(piece) : undefined;
    if (bytes === undefined) return new StoreError('file-missing', `piece ${piece} is not here`);
    let position = begin;
    for (const target of targets) {
      if (position + target.length > bytes.length) {
        return new StoreError(
          'io-failed',
          `piece ${piece} ends at ${bytes.length}; asked up to ${position + target.length}`,
        );
      }
      target.set(bytes.subarray(position, position + target.length));
      position += target.length;
    }
    return undefined;
  }

  /** Control operations take effect in a later turn, as they do on a disk. */
  #turn(): Promise<void> {
    if (this.#closed) return Promise.reject(new StoreError('closed', 'the store is closed'));
    return new Promise((resolve) => this.#parts.defer(resolve));
  }
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

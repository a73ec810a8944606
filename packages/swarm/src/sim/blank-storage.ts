import { PieceSet, StoreError, pieceLengthAt, wantedPieceBits } from '@brine/piece-store';
import type {
  CommitOptions,
  CommitOutcome,
  OpenRequest,
  PayloadLayout,
  PieceBuffer,
  PieceStore,
  Storage,
} from '@brine/piece-store';

import { noteBlank } from './blank-memory.ts';

export interface BlankStorageOptions {
  /** Runs a task soon, but after the current call has returned; promises may settle in it. */
  readonly defer: (task: () => void) => void;
  /** As `defer`, for what answers by callback only: cheaper. */
  readonly soon: (task: () => void) => void;
  /** Bytes lent as piece buffers at once over all stores; at least four pieces are always lent. Default 32 MiB. */
  readonly poolBytes?: number;
}

/**
 * A disk whose files have no bytes, for swarms of thousands of machines where only who has which piece matters: every piece that was
 * filled is right, a read leaves its targets as they are, and all buffers are one. A set of pieces is all that a payload costs.
 */
export class BlankStorage implements Storage {
  readonly #options: BlankStorageOptions;
  readonly #poolBytes: number;
  readonly #published = new Map<string, PieceSet>();
  readonly #staged = new Map<string, PieceSet>();

  constructor(options: BlankStorageOptions) {
    this.#options = options;
    this.#poolBytes = options.poolBytes ?? 32 * 1024 * 1024;
  }

  /** Lets a payload stand in `directory`, complete. */
  place(directory: string, layout: PayloadLayout): void {
    const all = new PieceSet(layout.pieceCount);
    for (let piece = 0; piece < layout.pieceCount; piece += 1) all.add(piece);
    this.#published.set(`${directory}/${layout.name}`, all);
  }

  open(request: OpenRequest): Promise<PieceStore> {
    return new Promise((resolve, reject) => {
      this.#options.defer(() => {
        const store = this.#open(request);
        if (store instanceof StoreError) reject(store);
        else resolve(store);
      });
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #open({ id, layout, directory, mode, wantedFiles }: OpenRequest): PieceStore | StoreError {
    const place = `${directory}/${layout.name}`;
    const standing = this.#published.get(place);
    if (mode === 'seed' && standing === undefined)
      return new StoreError('file-missing', `nothing to seed at ${place}`, { path: place });
    const staging = `${directory}/${id}`;
    const pieces = standing ?? this.#staged.get(staging) ?? new PieceSet(layout.pieceCount);
    if (standing === undefined) this.#staged.set(staging, pieces);
    return new BlankStore({
      layout,
      pieces,
      published: standing !== undefined,
      wantedBits: wantedPieceBits(layout, wantedFiles),
      buffersMax: Math.max(4, Math.floor(this.#poolBytes / layout.pieceLength)),
      defer: this.#options.defer,
      soon: this.#options.soon,
      publish: () => {
        this.#staged.delete(staging);
        this.#published.set(place, pieces);
      },
      forget: () => {
        this.#staged.delete(staging);
        this.#published.delete(place);
      },
    });
  }
}

interface BlankStoreParts {
  readonly layout: PayloadLayout;
  readonly pieces: PieceSet;
  readonly published: boolean;
  readonly wantedBits: Uint8Array;
  readonly buffersMax: number;
  readonly defer: BlankStorageOptions['defer'];
  readonly soon: BlankStorageOptions['soon'];
  readonly publish: () => void;
  readonly forget: () => void;
}

class BlankStore implements PieceStore {
  readonly layout: PayloadLayout;
  readonly #parts: BlankStoreParts;
  readonly #pieces: PieceSet;
  #wantedBits: Uint8Array;
  #published: boolean;
  #lent = 0;

  constructor(parts: BlankStoreParts) {
    this.layout = parts.layout;
    this.#parts = parts;
    this.#pieces = parts.pieces;
    this.#wantedBits = parts.wantedBits;
    this.#published = parts.published;
  }

  get verifiedCount(): number {
    return this.#pieces.count;
  }

  get published(): boolean {
    return this.#published && this.#pieces.covers(this.#wantedBits);
  }

  has(piece: number): boolean {
    return this.#pieces.has(piece);
  }

  verifiedBits(): Uint8Array {
    return this.#pieces.toBits();
  }

  borrow(piece: number): PieceBuffer | undefined {
    if (this.#lent >= this.#parts.buffersMax) return undefined;
    this.#lent += 1;
    return { piece, bytes: scratch(pieceLengthAt(this.layout, piece)) };
  }

  giveBack(): void {
    this.#lent -= 1;
  }

  commit(buffer: PieceBuffer, _options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    this.#parts.soon(() => {
      this.#lent -= 1;
      this.#pieces.add(buffer.piece);
      done(STORED);
    });
  }

  read(
    piece: number,
    _begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    noteBlank(targets);
    this.#parts.soon(() => {
      done(this.has(piece) ? undefined : new StoreError('file-missing', `piece ${piece} is not here`));
    });
  }

  async verify(): Promise<void> {
    await this.#turn();
  }

  async setWanted(files: readonly boolean[]): Promise<void> {
    await this.#turn();
    this.#wantedBits = wantedPieceBits(this.layout, files);
  }

  async publish(): Promise<void> {
    await this.#turn();
    if (this.#published || !this.#pieces.covers(this.#wantedBits)) return;
    this.#parts.publish();
    this.#published = true;
  }

  async move(): Promise<void> {
    await this.#turn();
    throw new StoreError('io-failed', 'a blank disk has one directory');
  }

  async remove(): Promise<void> {
    await this.#turn();
    this.#parts.forget();
  }

  async flush(): Promise<void> {
    await this.#turn();
  }

  async close(): Promise<void> {
    await this.#turn();
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#parts.defer(resolve);
    });
  }
}

const STORED: CommitOutcome = { type: 'stored' };

/** One memory for all buffers of a length: what is written there, nobody reads. */
function scratch(length: number): Uint8Array {
  const known = SCRATCH.get(length) ?? new Uint8Array(length);
  SCRATCH.set(length, known);
  return known;
}

const SCRATCH = new Map<number, Uint8Array>();

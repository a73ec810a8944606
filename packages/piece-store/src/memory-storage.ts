import type { Hasher } from './hasher.ts';
import { MemoryStore } from './memory-store.ts';
import type { MemoryPool } from './memory-store.ts';
import type { PayloadLayout } from './payload-layout.ts';
import { pieceHashAt, pieceLengthAt, wantedPieceBits } from './piece-geometry.ts';
import { PieceSet } from './piece-set.ts';
import type { PieceStore, VerifyProgress } from './piece-store.ts';
import { StoreError } from './store-error.ts';
import type { OpenRequest, Storage } from './storage.ts';

/** What a `MemoryStorage` is built of. */
export interface MemoryStorageOptions {
  /** Runs a task soon, but after the current call has returned; the simulator passes its event queue. */
  readonly defer: (task: () => void) => void;
  readonly hasher: Pick<Hasher, 'digest'>;
  /** Bytes lent as piece buffers at once over all stores; at least four pieces are always lent. Default 32 MiB. */
  readonly poolBytes?: number;
  /**
   * Right pieces by their SHA-1. Given to several storages, it makes each distinct piece exist once in memory however many stores
   * hold it, so that hundreds of stores cost little more than one. Default: a map of this storage's own.
   */
  readonly knownPieces?: Map<string, Uint8Array>;
}

/** A payload's bytes at one place, as pieces; a missing piece was never written. Not necessarily right. */
export interface MemoryContent {
  readonly pieces: Map<number, Uint8Array>;
}

/** A `Storage` without a disk: for tests, the simulator, and payloads that need not outlive the process. */
export class MemoryStorage implements Storage {
  readonly #options: MemoryStorageOptions;
  readonly #pool: MemoryPool;
  readonly #published = new Map<string, MemoryContent>();
  readonly #staged = new Map<string, MemoryContent>();
  readonly #stores = new Set<MemoryStore>();
  #closed = false;

  constructor(options: MemoryStorageOptions) {
    this.#options = { knownPieces: new Map(), ...options };
    this.#pool = { bytesMax: options.poolBytes ?? 32 * 1024 * 1024, bytesLent: 0, free: new Map() };
  }

  /** Lets `payload` stand at its destination, as if somebody had copied it there. Not copied: it must not change afterwards. */
  place(directory: string, layout: PayloadLayout, payload: Uint8Array): void {
    const pieces = new Map<number, Uint8Array>();
    for (let piece = 0; piece * layout.pieceLength < payload.length && piece < layout.pieceCount; piece++) {
      const start = piece * layout.pieceLength;
      pieces.set(piece, payload.subarray(start, start + pieceLengthAt(layout, piece)));
    }
    this.#published.set(key(directory, layout.name), { pieces });
  }

  /** Resolves in a later turn; rejects with `StoreError`. */
  open(request: OpenRequest): Promise<PieceStore> {
    return new Promise((resolve, reject) => {
      this.#options.defer(() => {
        try {
          resolve(this.#open(request));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#stores].map((store) => store.close()));
  }

  #open(request: OpenRequest): PieceStore {
    if (this.#closed) throw new StoreError('closed', 'the storage is closed');
    const { layout, directory, mode, wantedFiles } = request;
    const place = key(directory, layout.name);
    const standing = this.#published.get(place);
    if (mode === 'seed') {
      if (standing === undefined) {
        throw new StoreError('file-missing', `nothing to seed at ${place}`, { path: place });
      }
      return this.#store(request, standing, this.#check(layout, standing, request.onProgress), true);
    }
    if (standing !== undefined) {
      const verified = this.#check(layout, standing, request.onProgress);
      if (verified.covers(wantedPieceBits(layout, wantedFiles))) {
        return this.#store(request, standing, verified, true);
      }
      if (mode === 'download') {
        throw new StoreError(
          'destination-exists',
          `${place} exists and is not this payload; move it away, or open with mode "adopt" to complete it`,
          { path: place },
        );
      }
      this.#published.delete(place);
      this.#staged.set(key(directory, request.id), standing);
    }
    const staged = this.#staged.get(key(directory, request.id)) ?? { pieces: new Map() };
    this.#staged.set(key(directory, request.id), staged);
    return this.#store(request, staged, this.#check(layout, staged, request.onProgress), false);
  }

  #store(request: OpenRequest, content: MemoryContent, verified: PieceSet, published: boolean): PieceStore {
    const store: MemoryStore = new MemoryStore({
      ...this.#options,
      request,
      content,
      verified,
      published,
      pool: this.#pool,
      check: (onProgress) => this.#check(request.layout, content, onProgress),
      settle: (directory, isPublished) => this.#settle(request, content, directory, isPublished),
      closed: () => this.#stores.delete(store),
    });
    this.#stores.add(store);
    return store;
  }

  /** Makes `content` stand at one place only: published or staged in `directory`, or nowhere. */
  #settle(
    request: OpenRequest,
    content: MemoryContent,
    directory: string | undefined,
    published: boolean,
  ): void {
    const target = published && directory !== undefined ? key(directory, request.layout.name) : undefined;
    const standing = target === undefined ? undefined : this.#published.get(target);
    if (standing !== undefined && standing !== content) {
      throw new StoreError('destination-exists', `${target} exists; move it away first`, { path: target! });
    }
    for (const map of [this.#published, this.#staged]) {
      for (const [place, standing] of map) if (standing === content) map.delete(place);
    }
    if (directory === undefined) return;
    if (target === undefined) this.#staged.set(key(directory, request.id), content);
    else this.#published.set(target, content);
  }

  #check(
    layout: PayloadLayout,
    content: MemoryContent,
    onProgress?: (progress: VerifyProgress) => void,
  ): PieceSet {
    const verified = new PieceSet(layout.pieceCount);
    let piecesChecked = 0;
    for (const [piece, bytes] of content.pieces) {
      if (sameBytes(this.#options.hasher.digest('sha1', bytes), pieceHashAt(layout, piece)))
        verified.add(piece);
      onProgress?.({ piecesChecked: ++piecesChecked, piecesTotal: content.pieces.size });
    }
    return verified;
  }
}

function key(directory: string, name: string): string {
  return `${directory}/${name}`;
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

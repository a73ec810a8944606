import { MemoryStorage, StoreError } from '@brine/piece-store';
import type {
  CommitOptions,
  CommitOutcome,
  Hasher,
  OpenRequest,
  PayloadLayout,
  PieceBuffer,
  PieceStore,
  Storage,
  StoreErrorCode,
  VerifyOptions,
} from '@brine/piece-store';

import { BlankStorage } from './blank-storage.ts';
import type { Payload, PayloadTorrent } from './payload.ts';
import type { SimClock } from './sim-clock.ts';

export interface SimDiskOptions {
  /** How long each operation takes, default 1 ms. */
  readonly latencyMs?: number;
  /** Bytes lent as piece buffers at once. */
  readonly poolBytes?: number;
  /** Keeps no bytes, only who has which piece: see `BlankStorage`. Default false. */
  readonly blank?: boolean;
}

/** A machine's disk: outlives the processes that use it, takes time, and may refuse. */
export class SimDisk {
  /** While true, nothing can be written. */
  /** What it says when something is to be written; undefined while it works. */
  refusal: StoreErrorCode | undefined;
  /** Pieces written so far, over all processes. */
  piecesWritten = 0;
  readonly #storage: MemoryStorage | BlankStorage;

  constructor(
    clock: SimClock,
    hasher: Hasher,
    knownPieces: Map<string, Uint8Array>,
    options: SimDiskOptions = {},
  ) {
    const latencyMs = options.latencyMs ?? 1;
    const defer = (task: () => void): void => {
      clock.after(latencyMs, {
        happen: () => {
          task();
          clock.settled();
        },
      });
    };
    const soon = (task: () => void): void => {
      clock.after(latencyMs, { happen: task });
    };
    const pool = options.poolBytes === undefined ? {} : { poolBytes: options.poolBytes };
    this.#storage =
      options.blank === true
        ? new BlankStorage({ defer, soon, ...pool })
        : new MemoryStorage({ defer, hasher, knownPieces, ...pool });
  }

  /** Lets a payload stand in `directory`, as if somebody had copied it there. */
  place(directory: string, payload: Payload | PayloadTorrent): void {
    if (this.#storage instanceof BlankStorage) this.#storage.place(directory, payload.layout);
    else if ('content' in payload) this.#storage.place(directory, payload.layout, payload.content);
    else throw new Error(`${payload.name} has no content; only a blank disk can hold it`);
  }

  /** The disk as one process sees it; `kill` is what happens to it when the process dies. */
  mount(): MountedDisk {
    return new MountedDisk(this, this.#storage);
  }

  /** Hashes what stands published in `directory`: right pieces. Rejects when nothing is published there. */
  async publishedPieces(directory: string, payload: PayloadTorrent): Promise<number> {
    const request: OpenRequest = { id: payload.id, layout: payload.layout, directory, mode: 'seed' };
    const store = await this.#storage.open(request);
    const count = store.verifiedCount;
    await store.close();
    return count;
  }
}

/** What a process has open. */
class MountedDisk implements Storage {
  readonly #disk: SimDisk;
  readonly #storage: Storage;
  readonly #open = new Set<ProcessStore>();

  constructor(disk: SimDisk, storage: Storage) {
    this.#disk = disk;
    this.#storage = storage;
  }

  async open(request: OpenRequest): Promise<PieceStore> {
    const store = new ProcessStore(this.#disk, await this.#storage.open(request));
    this.#open.add(store);
    return store;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((store) => store.close()));
  }

  /** What was not written is gone, and nobody hears of what is written still. */
  kill(): void {
    for (const store of this.#open) store.kill();
  }
}

/** A store that answers only while its process lives, and refuses to write while the disk does. */
class ProcessStore implements PieceStore {
  readonly layout: PayloadLayout;
  readonly #disk: SimDisk;
  readonly #store: PieceStore;
  #alive = true;

  constructor(disk: SimDisk, store: PieceStore) {
    this.#disk = disk;
    this.#store = store;
    this.layout = store.layout;
  }

  get verifiedCount(): number {
    return this.#store.verifiedCount;
  }

  get published(): boolean {
    return this.#store.published;
  }

  kill(): void {
    this.#alive = false;
    void this.#store.close();
  }

  has(piece: number): boolean {
    return this.#store.has(piece);
  }

  verifiedBits(): Uint8Array {
    return this.#store.verifiedBits();
  }

  borrow(piece: number): PieceBuffer | undefined {
    return this.#alive ? this.#store.borrow(piece) : undefined;
  }

  giveBack(buffer: PieceBuffer): void {
    this.#store.giveBack(buffer);
  }

  commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    const { refusal } = this.#disk;
    if (refusal !== undefined) {
      this.#store.read(0, 0, [], () => {
        const error = new StoreError(refusal, `the disk says ${refusal}`);
        if (this.#alive) done({ type: 'failed', error });
      });
      return;
    }
    this.#store.commit(buffer, options, (outcome) => {
      if (outcome.type === 'stored') this.#disk.piecesWritten += 1;
      if (this.#alive) done(outcome);
    });
  }

  read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    this.#store.read(piece, begin, targets, (error) => {
      if (this.#alive) done(error);
    });
  }

  verify(options?: VerifyOptions): Promise<void> {
    return this.#whileAlive(() => this.#store.verify(options));
  }

  setWanted(files: readonly boolean[]): Promise<void> {
    return this.#whileAlive(() => this.#store.setWanted(files));
  }

  publish(): Promise<void> {
    return this.#whileAlive(() => this.#store.publish());
  }

  move(directory: string): Promise<void> {
    return this.#whileAlive(() => this.#store.move(directory));
  }

  remove(options: { readonly data: boolean }): Promise<void> {
    return this.#whileAlive(() => this.#store.remove(options));
  }

  flush(): Promise<void> {
    return this.#whileAlive(() => this.#store.flush());
  }

  close(): Promise<void> {
    return this.#whileAlive(() => this.#store.close());
  }

  /** A dead process neither orders anything nor hears an answer. */
  async #whileAlive(order: () => Promise<void>): Promise<void> {
    if (this.#alive) await order();
    if (!this.#alive) await new Promise<never>(() => undefined);
  }
}

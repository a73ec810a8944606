import { PieceStoreWrapper } from './piece-store-wrapper.ts';
import type { CommitOptions, CommitOutcome, PieceBuffer, PieceStore } from './piece-store.ts';
import type { StoreError } from './store-error.ts';
import type { OpenRequest, Storage } from './storage.ts';

/** How slow. */
export interface SlowStorageOptions {
  /** Runs a task after a delay: the simulator's clock, or a timer. */
  readonly schedule: (delayMs: number, task: () => void) => unknown;
  /** Before each commit. Default 0. */
  readonly commitDelayMs?: number;
  /** Before each read. Default 0. */
  readonly readDelayMs?: number;
}

/** A storage whose disk takes its time. Operations do not wait for each other: this is latency, not a queue. */
export class SlowStorage implements Storage {
  readonly #inner: Storage;
  readonly #options: SlowStorageOptions;

  constructor(inner: Storage, options: SlowStorageOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async open(request: OpenRequest): Promise<PieceStore> {
    return new SlowStore(await this.#inner.open(request), this.#options);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

class SlowStore extends PieceStoreWrapper {
  readonly #options: SlowStorageOptions;

  constructor(inner: PieceStore, options: SlowStorageOptions) {
    super(inner);
    this.#options = options;
  }

  override commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    const { schedule, commitDelayMs = 0 } = this.#options;
    schedule(commitDelayMs, () => super.commit(buffer, options, done));
  }

  override read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    const { schedule, readDelayMs = 0 } = this.#options;
    schedule(readDelayMs, () => super.read(piece, begin, targets, done));
  }
}

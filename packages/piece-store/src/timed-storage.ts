import { PieceStoreWrapper } from './piece-store-wrapper.ts';
import type { CommitOptions, CommitOutcome, PieceBuffer, PieceStore } from './piece-store.ts';
import type { StoreError } from './store-error.ts';
import type { OpenRequest, Storage } from './storage.ts';

/** Upper bounds of the histogram's buckets, ms; the last bucket holds what is above. */
export const TIMING_BOUNDS_MS: readonly number[] = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000];

/** How long operations of one kind took. */
export interface Timing {
  readonly count: number;
  readonly totalMs: number;
  readonly longestMs: number;
  /** One count for each of `TIMING_BOUNDS_MS` and one for above. */
  readonly buckets: readonly number[];
}

/** A storage that measures how long commits and reads take, from call to callback, over all its stores. */
export class TimedStorage implements Storage {
  readonly #inner: Storage;
  readonly #nowMs: () => number;
  readonly #commits = new Histogram();
  readonly #reads = new Histogram();

  constructor(inner: Storage, nowMs: () => number) {
    this.#inner = inner;
    this.#nowMs = nowMs;
  }

  get commits(): Timing {
    return this.#commits.snapshot();
  }

  get reads(): Timing {
    return this.#reads.snapshot();
  }

  async open(request: OpenRequest): Promise<PieceStore> {
    return new TimedStore(await this.#inner.open(request), this.#nowMs, this.#commits, this.#reads);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}

class TimedStore extends PieceStoreWrapper {
  readonly #nowMs: () => number;
  readonly #commits: Histogram;
  readonly #reads: Histogram;

  constructor(inner: PieceStore, nowMs: () => number, commits: Histogram, reads: Histogram) {
    super(inner);
    this.#nowMs = nowMs;
    this.#commits = commits;
    this.#reads = reads;
  }

  override commit(buffer: PieceBuffer, options: CommitOptions, done: (outcome: CommitOutcome) => void): void {
    const startMs = this.#nowMs();
    super.commit(buffer, options, (outcome) => {
      this.#commits.add(this.#nowMs() - startMs);
      done(outcome);
    });
  }

  override read(
    piece: number,
    begin: number,
    targets: readonly Uint8Array[],
    done: (error: StoreError | undefined) => void,
  ): void {
    const startMs = this.#nowMs();
    super.read(piece, begin, targets, (error) => {
      this.#reads.add(this.#nowMs() - startMs);
      done(error);
    });
  }
}

class Histogram {
  readonly #buckets: number[] = Array.from({ length: TIMING_BOUNDS_MS.length + 1 }, () => 0);
  #count = 0;
  #totalMs = 0;
  #longestMs = 0;

  add(ms: number): void {
    const bucket = TIMING_BOUNDS_MS.findIndex((bound) => ms <= bound);
    this.#buckets[bucket === -1 ? TIMING_BOUNDS_MS.length : bucket]!++;
    this.#count++;
    this.#totalMs += ms;
    this.#longestMs = Math.max(this.#longestMs, ms);
  }

  snapshot(): Timing {
    return {
      count: this.#count,
      totalMs: this.#totalMs,
      longestMs: this.#longestMs,
      buckets: [...this.#buckets],
    };
  }
}

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import type { DiskJob, DiskResults, DiskWorkerData, PoolMessage, WorkerMessage } from './disk-job.ts';
import { storeErrorOf } from './os-errors.ts';

/** Work that may lie before a worker until the next one is woken. Measured on 2 cores: one worker 966 MB/s, two 864. */
const BACKLOG_BYTES = 4 * 1024 * 1024;

/** The answer to a job: exactly one of the two is there. */
type JobDone<Result> = (error: StoreError | undefined, result: Result) => void;

/** Memory that jobs name by number, so that it need not be posted with each of them. Numbers are never used again. */
export interface PoolSlot {
  readonly number: number;
  readonly memory: SharedArrayBuffer;
}

interface PoolWorker {
  readonly thread: Worker;
  readonly pending: Map<number, { readonly cost: number; readonly done: JobDone<never> }>;
  /** Slots whose memory this worker has been given. */
  readonly slots: Set<number>;
  backlog: number;
}

/**
 * Worker threads for everything that would hold up the main thread: hashing, writing, looking at many files. Threads start when
 * first needed and do not keep the process alive while they are idle. A job goes to the first worker whose backlog is short, so
 * that a second core is only used when one is not enough.
 */
export class DiskPool {
  readonly #workersMax: number;
  readonly #givesWay: boolean;
  readonly #workers: PoolWorker[] = [];
  #nextId = 1;
  #closed = false;

  /** `workersMax`: default 1 below the number of cores, from 1 to 4. `givesWay`: other threads go first where the platform knows that. */
  constructor(options: { readonly workersMax?: number | undefined; readonly givesWay?: boolean } = {}) {
    this.#givesWay = options.givesWay ?? false;
    this.#workersMax = options.workersMax ?? Math.min(Math.max(availableParallelism() - 1, 1), 4);
  }

  get workersMax(): number {
    return this.#workersMax;
  }

  /**
   * Starts `job`; `cost` is its size in bytes. `done` is called in a later turn. `slot` is the one a `write` names.
   */
  start<Type extends DiskJob['type']>(
    job: Extract<DiskJob, { type: Type }>,
    cost: number,
    done: JobDone<DiskResults[Type]>,
    slot?: PoolSlot,
  ): void {
    if (this.#closed) {
      const error = new StoreError('closed', 'the storage is closed');
      queueMicrotask(() => done(error, undefined as never));
      return;
    }
    const worker = this.#choose();
    if (slot !== undefined && !worker.slots.has(slot.number)) {
      worker.slots.add(slot.number);
      post(worker, { slot: slot.number, memory: slot.memory });
    }
    this.#send(worker, job, cost, done);
  }

  /** `start` as a promise. */
  run<Type extends DiskJob['type']>(
    job: Extract<DiskJob, { type: Type }>,
    cost: number,
  ): Promise<DiskResults[Type]> {
    return new Promise((resolve, reject) => {
      this.start<Type>(job, cost, (error, result) => (error === undefined ? resolve(result) : reject(error)));
    });
  }

  /** Sends `job` to every worker that lives, after what each already has to do. */
  async tellAll(job: Extract<DiskJob, { type: 'release' }>): Promise<void> {
    const answers = this.#workers.map(
      (worker) =>
        new Promise<void>((resolve) => {
          this.#send(worker, job, 0, () => resolve());
        }),
    );
    await Promise.all(answers);
  }

  /** Makes every worker let go of a slot's memory. */
  dropSlot(slot: number): void {
    for (const worker of this.#workers) {
      if (worker.slots.delete(slot)) post(worker, { slot, memory: undefined });
    }
  }

  /** Ends every thread. Jobs that have not been answered fail with `closed`. */
  async close(): Promise<void> {
    this.#closed = true;
    const workers = this.#workers.splice(0);
    for (const worker of workers) failAll(worker, new StoreError('closed', 'the storage was closed'));
    await Promise.all(workers.map((worker) => worker.thread.terminate()));
  }

  #choose(): PoolWorker {
    const free = this.#workers.find((worker) => worker.backlog < BACKLOG_BYTES);
    if (free !== undefined) return free;
    if (this.#workers.length < this.#workersMax) return this.#spawn();
    return this.#workers.reduce((best, worker) => (worker.backlog < best.backlog ? worker : best));
  }

  #spawn(): PoolWorker {
    // Options of the embedding process (`--input-type`, `--import` of a loader) are not for us, and some break workers.
    const thread = new Worker(new URL('./disk-worker.js', import.meta.url), {
      name: 'brine-disk',
      execArgv: [],
      workerData: { givesWay: this.#givesWay } satisfies DiskWorkerData,
    });
    const worker: PoolWorker = { thread, pending: new Map(), slots: new Set(), backlog: 0 };
    this.#workers.push(worker);
    thread.unref();
    thread.on('message', (message: WorkerMessage) => settle(worker, message));
    thread.on('error', (error) => {
      const index = this.#workers.indexOf(worker);
      if (index >= 0) this.#workers.splice(index, 1);
      failAll(worker, new StoreError('io-failed', `a disk worker died: ${String(error)}`, { cause: error }));
    });
    return worker;
  }

  #send(worker: PoolWorker, job: DiskJob, cost: number, done: JobDone<never>): void {
    const id = this.#nextId++;
    if (worker.pending.size === 0) worker.thread.ref();
    worker.pending.set(id, { cost, done });
    worker.backlog += cost;
    post(worker, { id, job });
  }
}

function post(worker: PoolWorker, message: PoolMessage): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  worker.thread.postMessage(message);
}

function settle(worker: PoolWorker, message: WorkerMessage): void {
  const entry = worker.pending.get(message.id);
  if (entry === undefined) return;
  worker.pending.delete(message.id);
  worker.backlog -= entry.cost;
  if (worker.pending.size === 0) worker.thread.unref();
  if ('failure' in message) entry.done(storeErrorOf(message.failure), undefined as never);
  else entry.done(undefined, message.result as never);
}

function failAll(worker: PoolWorker, error: StoreError): void {
  const entries = [...worker.pending.values()];
  worker.pending.clear();
  for (const entry of entries) entry.done(error, undefined as never);
}

import { SHARE_ENV, Worker } from 'node:worker_threads';
import { StoreError } from '../store-error.ts';
import type { SurveyResult } from './disk-job.ts';
import type { HashReport, HashTask } from './hash-task.ts';
import { storeErrorOf } from './os-errors.ts';

/**
 * A thread that takes its share of a task. It has a short program of its own: a thread of the disk pool would first load all that a
 * store needs (measured: 40 against 30 ms of a core).
 */
export class HashThread {
  readonly #worker: Worker;
  /** Resolves when no pieces are left to claim; rejects with `StoreError`, or with what `onHashed` threw. */
  readonly hashed: Promise<void>;

  /** Begins at once. `onHashed` is told how many bytes more have been hashed. */
  constructor(task: HashTask, onHashed: (bytes: number) => void) {
    // Options of the embedding process (`--input-type`, `--import` of a loader) are not for us, and some break workers.
    this.#worker = new Worker(new URL('./hash-worker.js', import.meta.url), {
      name: 'brine-hash',
      execArgv: [],
      env: SHARE_ENV,
      workerData: task,
    });
    this.hashed = this.#until((report) => {
      if (!('bytesHashed' in report)) return 'finished' in report;
      onHashed(report.bytesHashed);
      return false;
    });
  }

  /** Looks at `paths`, following links, once it has hashed. Rejects with `StoreError`. */
  async survey(paths: readonly string[]): Promise<SurveyResult> {
    let result: SurveyResult = new Float64Array();
    const answered = this.#until((report) => {
      if ('survey' in report) result = report.survey;
      return 'survey' in report;
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
    this.#worker.postMessage(paths);
    await answered;
    return result;
  }

  /** Ends the thread, whatever it is doing. */
  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  /** Resolves when `last` says that a report was the one to wait for. */
  #until(last: (report: HashReport) => boolean): Promise<void> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const die = (error: unknown): void =>
        reject(new StoreError('io-failed', `a hashing thread died: ${String(error)}`, { cause: error }));
      const hear = (report: HashReport): void => {
        try {
          if ('failure' in report) throw storeErrorOf(report.failure);
          if (!last(report)) return;
          resolve();
        } catch (error) {
          reject(error);
        }
        worker.off('message', hear);
        worker.off('error', die);
      };
      worker.on('message', hear);
      worker.on('error', die);
    });
  }
}

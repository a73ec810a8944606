/** The entry of a thread that hashes for a new torrent: it claims pieces until none are left, then looks at files it is asked about. */
import { parentPort, workerData } from 'node:worker_threads';
import { HashShare } from './hash-task.ts';
import type { HashReport, HashTask } from './hash-task.ts';
import { platformFailureOf } from './os-errors.ts';
import { surveyFiles } from './survey-files.ts';

/** Bytes claimed at once: threads end within a few ms of each other, and a disk sees long runs. */
const CLAIM_BYTES = 4 * 1024 * 1024;

parentPort?.on('message', (paths: readonly string[]) =>
  attempt(() => tell({ survey: surveyFiles(paths, true) })),
);
attempt(hash);

function hash(): void {
  const share = new HashShare(workerData as HashTask);
  for (let bytes = share.next(CLAIM_BYTES); bytes > 0; bytes = share.next(CLAIM_BYTES))
    tell({ bytesHashed: bytes });
  share.close();
  tell({ finished: true });
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    tell({ failure: platformFailureOf(error) });
  }
}

function tell(report: HashReport): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(report);
}

/** The entry of a worker thread: takes jobs one after the other, answers each. What a job does is in its own file. */
import { createHash } from 'node:crypto';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { checkPieces } from './check-pieces.ts';
import type { DiskJob, DiskResults, DiskWorkerData, PoolMessage, WorkerMessage } from './disk-job.ts';
import { OpenFiles } from './open-files.ts';
import { platformFailureOf } from './os-errors.ts';
import { surveyFiles } from './survey-files.ts';
import { writePiece } from './write-piece.ts';

/** Linux knows the niceness of a single thread; elsewhere it is the whole process's. */
if ((workerData as DiskWorkerData).givesWay && process.platform === 'linux') setPriority(10);

const slots = new Map<number, Uint8Array>();
const files = new OpenFiles();

parentPort?.on('message', (message: PoolMessage) => {
  if ('slot' in message) {
    if (message.memory === undefined) slots.delete(message.slot);
    else slots.set(message.slot, new Uint8Array(message.memory));
    return;
  }
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  parentPort?.postMessage(answer(message.id, message.job));
});

function answer(id: number, job: DiskJob): WorkerMessage {
  try {
    return { id, result: perform(job) };
  } catch (error) {
    return { id, failure: platformFailureOf(error) };
  }
}

function perform(job: DiskJob): DiskResults[keyof DiskResults] {
  switch (job.type) {
    case 'digest':
      return createHash(job.algorithm).update(job.bytes).digest();
    case 'write':
      return writePiece(job, slots.get(job.slot)!.subarray(0, job.length), files);
    case 'check':
      return checkPieces(job);
    case 'survey':
      return surveyFiles(job.paths, job.follow);
    case 'release':
      return files.release(job.store);
  }
}

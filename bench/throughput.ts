import type { Task } from 'tinybench';

/** Milliseconds that one call takes, the median. Throws when the task failed. */
export function medianMs(task: Task): number {
  const { result } = task;
  if ('error' in result) throw new Error(`${task.name} failed`, { cause: result.error });
  if (!('latency' in result)) throw new Error(`${task.name} was not run: ${result.state}`);
  return result.latency.p50;
}

/** `bytes` for each call. */
export function megabytesPerSecond(task: Task, bytes: number): number {
  return bytes / 1e6 / (medianMs(task) / 1000);
}

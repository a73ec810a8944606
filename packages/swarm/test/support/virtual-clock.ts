import type { Clock } from '../../src/ports/clock.ts';

/** Time that passes only when told to. Tasks run in the order of their instants, then in the order in which they were planned. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  /** Wall time at virtual time 0; Monday, 5 January 2026, midnight UTC. */
  #epochMs = Date.UTC(2026, 0, 5);
  readonly #tasks = new Set<Task>();

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.#epochMs + this.#nowMs;
  }

  /** Sets the wall clock, as an administrator or NTP does; monotonic time goes on. */
  setEpoch(epochMs: number): void {
    this.#epochMs = epochMs - this.#nowMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const task = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#tasks.add(task);
    return () => this.#tasks.delete(task);
  }

  /** Tasks that are planned. */
  get pending(): number {
    return this.#tasks.size;
  }

  /** Lets time pass and runs what falls due, tasks planned on the way included. Promises settle afterwards, not in between. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let task = this.#next(untilMs); task !== undefined; task = this.#next(untilMs)) {
      this.#tasks.delete(task);
      this.#nowMs = Math.max(this.#nowMs, task.atMs);
      task.run();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): Task | undefined {
    let next: Task | undefined;
    for (const task of this.#tasks) {
      if (task.atMs <= untilMs && (next === undefined || task.atMs < next.atMs)) next = task;
    }
    return next;
  }
}

interface Task {
  readonly atMs: number;
  readonly run: () => void;
}

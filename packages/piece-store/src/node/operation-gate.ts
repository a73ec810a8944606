/**
 * Lets many short operations run at once, or one exclusive operation alone. Short operations that come while an exclusive one waits
 * or runs are kept and started afterwards, in order; exclusive ones queue.
 */
export class OperationGate {
  #running = 0;
  #exclusive: Promise<unknown> | undefined;
  #idle: (() => void) | undefined;
  #waiting: (() => void)[] = [];

  /** Runs `task` now or as soon as the gate opens. Each call is ended by one `leave`. */
  enter(task: () => void): void {
    if (this.#exclusive !== undefined) {
      this.#waiting.push(task);
      return;
    }
    this.#running++;
    task();
  }

  leave(): void {
    this.#running--;
    if (this.#running === 0) this.#idle?.();
  }

  /** Runs `task` when everything that was running has ended, alone. */
  async exclusive<Result>(task: () => Promise<Result>): Promise<Result> {
    const before = this.#exclusive;
    const turn = this.#takeTurn(before, task);
    const settled = turn.then(ignore, ignore);
    this.#exclusive = settled;
    try {
      return await turn;
    } finally {
      if (this.#exclusive === settled) this.#open();
    }
  }

  async #takeTurn<Result>(
    before: Promise<unknown> | undefined,
    task: () => Promise<Result>,
  ): Promise<Result> {
    if (before !== undefined) await before;
    if (this.#running > 0) {
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
      });
      this.#idle = undefined;
    }
    return task();
  }

  #open(): void {
    this.#exclusive = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.enter(task);
  }
}

function ignore(): void {
  // The outcome goes to whoever called `exclusive`; the next in the queue only needs to know that it is over.
}

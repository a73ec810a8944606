import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A client's process in a benchmark. Its state shows in the lines that it prints. */
export class BenchPeer {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #name: string;
  #listener: () => void = () => undefined;
  #exited = false;

  constructor(name: string, command: readonly string[]) {
    const [file = '', ...args] = command;
    this.#name = name;
    this.#child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.pid = this.#child.pid ?? 0;
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        this.#lines.push(...lines);
        this.#listener();
      });
    }
    this.#child.once('error', (error) => this.#lines.push(error.message));
    this.#child.once('close', () => {
      this.#exited = true;
      this.#listener();
    });
  }

  /** Resolves with the time (`performance.now()`) at which a line that `sign` accepts was read. One wait at a time. */
  async line(sign: (line: string) => boolean, timeoutMs: number): Promise<number> {
    let seen = 0;
    let timeIsUp = false;
    const timer = setTimeout(() => {
      timeIsUp = true;
      this.#listener();
    }, timeoutMs);
    try {
      for (;;) {
        for (; seen < this.#lines.length; seen += 1)
          if (sign(this.#lines[seen] ?? '')) return performance.now();
        if (this.#exited || timeIsUp)
          throw new Error(
            `${this.#name} ${this.#exited ? 'ended' : 'is late'}:\n${this.#lines.slice(-10).join('\n')}`,
          );
        await new Promise<void>((resolve) => (this.#listener = resolve));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** SIGTERM, and SIGKILL after `patienceMs`. */
  async stop(patienceMs = 3000): Promise<void> {
    if (this.#exited) return;
    const gone = once(this.#child, 'close');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    this.#child.kill('SIGTERM');
    await gone;
    clearTimeout(late);
  }
}

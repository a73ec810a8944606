import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { Host } from './private-network.ts';

const LINES_MAX = 50_000;

/** A line that a program printed, and when it was read here (milliseconds since 1970). */
export interface PrintedLine {
  readonly text: string;
  readonly at: number;
}

/** A program running on a host, observed by what it prints. */
export class Program {
  readonly name: string;
  readonly lines: PrintedLine[] = [];
  readonly #child: ChildProcess;
  readonly #watchers = new Set<() => void>();
  #exited = false;

  /** Starts `command` on `host`; `name` stands in messages. */
  constructor(
    name: string,
    host: Pick<Host, 'prefix'>,
    command: readonly string[],
    env: Readonly<Record<string, string>> = {},
  ) {
    this.name = name;
    const [file, ...args] = [...host.prefix, ...command];
    this.#child = spawn(file ?? '', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) if (stream !== null) this.#collect(stream);
    this.#child.once('error', (error) => this.#print(`cannot start: ${error.message}`));
    this.#child.once('close', () => {
      this.#exited = true;
      this.#tell();
    });
  }

  /** 0 when it could not be started. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** Resolves with the first line that `wanted` accepts, printed already or later. Rejects when the program ends or `timeoutMs` passes before. */
  async line(wanted: (text: string) => boolean, what: string, timeoutMs = 60_000): Promise<PrintedLine> {
    let seen = 0;
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      for (; seen < this.lines.length; seen += 1) {
        const line = this.lines[seen];
        if (line !== undefined && wanted(line.text)) return line;
      }
      if (this.#exited) throw new Error(`${this.name} ended before it was ${what}\n${this.tail()}`);
      if (Date.now() >= deadline)
        throw new Error(`${this.name} not ${what} within ${timeoutMs} ms\n${this.tail()}`);
      await this.#change(deadline - Date.now());
    }
  }

  /** SIGTERM, then SIGKILL after five seconds. Resolves when the process is gone. */
  async stop(): Promise<void> {
    if (this.#exited) return;
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGTERM');
    await gone;
    clearTimeout(deadline);
  }

  /** SIGKILL. Resolves when the process is gone. */
  async kill(): Promise<void> {
    if (this.#exited) return;
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** The last lines, for messages. */
  tail(): string {
    return this.lines
      .slice(-20)
      .map((line) => `  | ${line.text}`)
      .join('\n');
  }

  #collect(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      const parts = (rest + chunk).split(/[\r\n]+/);
      rest = parts.pop() ?? '';
      for (const part of parts) this.#print(part);
    });
    stream.on('end', () => this.#print(rest));
  }

  #print(text: string): void {
    if (text.trim() === '' || this.lines.length >= LINES_MAX) return;
    this.lines.push({ text, at: Date.now() });
    this.#tell();
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#watchers.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.#watchers.add(done);
    });
  }
}

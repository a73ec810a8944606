import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** How a finished `brine` ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A line of `--json`, as far as tests look at it. */
export type Line = { readonly event: string } & Readonly<Record<string, unknown>>;

/** Runs the built command to its end. */
export async function brine(...args: readonly string[]): Promise<Ended> {
  return new RunningBrine(args).ended;
}

/** The built command while it runs. */
export class RunningBrine implements AsyncDisposable {
  readonly ended: Promise<Ended>;
  readonly lines: Line[] = [];
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  #wake: () => void = () => undefined;

  constructor(args: readonly string[]) {
    this.#child = spawn(process.execPath, [BRINE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    if (this.#child.stdout !== null) {
      createInterface(this.#child.stdout).on('line', (line) => this.#receive(line));
    }
    this.ended = once(this.#child, 'close').then(([exitCode]) => {
      this.#wake();
      return { exitCode: exitCode as number | null, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  /** The first JSON line that fits, past or to come. Rejects, with what the command said, when it ends without. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    for (;;) {
      const found = this.lines.find(fits);
      if (found !== undefined) return found;
      const more = new Promise<'more'>((resolve) => (this.#wake = () => resolve('more')));
      const next = await Promise.race([more, this.ended]);
      if (next !== 'more') throw new Error(`brine ended: ${JSON.stringify(next)}`);
    }
  }

  /** The first JSON line of a kind. */
  event(event: string): Promise<Line> {
    return this.line((line) => line.event === event);
  }

  /** `host:port` of the `listening` line. */
  async address(): Promise<string> {
    const { address } = (await this.event('listening')) as unknown as {
      address: { ip: string; port: number };
    };
    return `${address.ip}:${address.port}`;
  }

  /** Closes our end of the command's stdout. */
  stopReading(): void {
    this.#child.stdout?.destroy();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }

  #receive(line: string): void {
    this.#stdout += `${line}\n`;
    if (line.startsWith('{')) this.lines.push(JSON.parse(line) as Line);
    this.#wake();
  }
}

/** A directory that is gone after the test. */
export class Scratch implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async open(): Promise<Scratch> {
    return new Scratch(await mkdtemp(join(tmpdir(), 'brine-test-')));
  }

  /** The path of something below. */
  at(...names: readonly string[]): string {
    return join(this.path, ...names);
  }

  /** Writes a file, and the folders above it. Returns its path. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = this.at(name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Bytes that look random and are the same in every run. */
export function noise(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

const BRINE = fileURLToPath(new URL('../bin/brine.js', import.meta.url));

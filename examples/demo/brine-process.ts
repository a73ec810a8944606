import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import type { ProcessUsage } from './process-usage.ts';
import { usageOf } from './process-usage.ts';

/** The built command, started with `process.execPath`. */
export const BRINE: string = fileURLToPath(new URL('../../../packages/agent/bin/brine.js', import.meta.url));

/** The fields of `brine --json` lines that the demo reads. */
export interface BrineEvent {
  readonly event: string;
  readonly percent?: number;
  readonly downBytesPerSecond?: number;
  readonly traffic?: Readonly<Record<'site' | 'near' | 'wan', { readonly downloadedBytes: number }>>;
  readonly seconds?: number;
  readonly message?: string;
}

/** All bytes of the payload that a machine has received, by its own `traffic`. */
export function receivedBytes({ traffic }: BrineEvent): number {
  return Object.values(traffic ?? {}).reduce((sum, { downloadedBytes }) => sum + downloadedBytes, 0);
}

/** A `brine` command as a process of its own, followed through its JSON Lines. */
export class BrineProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #seen = new Map<string, BrineEvent>();
  readonly #waiting = new Map<string, () => void>();
  readonly #onEvent: (event: BrineEvent) => void;
  #complaints = '';

  constructor(args: readonly string[], onEvent: (event: BrineEvent) => void = () => undefined) {
    this.#onEvent = onEvent;
    this.#child = spawn(process.execPath, [BRINE, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Shown only when it fails: some complaints are to be expected while machines start and end.
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#complaints += text));
    this.#closed = once(this.#child, 'close');
    if (this.#child.stdout !== null) {
      createInterface(this.#child.stdout).on('line', (line) => this.#receive(JSON.parse(line) as BrineEvent));
    }
  }

  /** Resolves with the last event of a kind, or waits for the first. Rejects if the process ends before. */
  async reached(kind: string): Promise<BrineEvent> {
    const next = new Promise<void>((resolve) => this.#waiting.set(kind, resolve));
    if (!this.#seen.has(kind)) await Promise.race([next, this.#closed]);
    const seen = this.#seen.get(kind);
    if (seen === undefined)
      throw new Error(`a machine ended before it was ${kind}. ${this.#complaints}`.trimEnd());
    return seen;
  }

  /** Processor time and memory so far; undefined where the system does not tell. */
  usage(): Promise<ProcessUsage | undefined> {
    return usageOf(this.#child.pid);
  }

  /** Asks the process to end, and waits until it has. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.#closed;
  }

  #receive(event: BrineEvent): void {
    this.#seen.set(event.event, event);
    this.#onEvent(event);
    this.#waiting.get(event.event)?.();
  }
}

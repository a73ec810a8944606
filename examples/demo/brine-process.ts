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
  readonly address?: { readonly ip: string; readonly port: number };
  readonly percent?: number;
  readonly phase?: string;
  readonly downBytesPerSecond?: number;
  readonly upBytesPerSecond?: number;
  readonly downloadedBytes?: number;
  readonly uploadedBytes?: number;
  readonly peers?: number;
  readonly seconds?: number;
  readonly message?: string;
}

/** A `brine` command as a process of its own, followed through its JSON Lines. */
export class BrineProcess {
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #seen = new Map<string, BrineEvent>();
  readonly #waiting = new Map<string, () => void>();
  readonly #onEvent: (event: BrineEvent) => void;

  constructor(args: readonly string[], onEvent: (event: BrineEvent) => void = () => undefined) {
    this.#onEvent = onEvent;
    this.#child = spawn(process.execPath, [BRINE, ...args, '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#closed = once(this.#child, 'close');
    if (this.#child.stdout !== null) {
      createInterface(this.#child.stdout).on('line', (line) => this.#receive(JSON.parse(line) as BrineEvent));
    }
  }

  /** The last event of a kind, if there was one. */
  last(kind: string): BrineEvent | undefined {
    return this.#seen.get(kind);
  }

  /** Resolves with the last event of a kind, or waits for the first. Rejects if the process ends before. */
  async reached(kind: string): Promise<BrineEvent> {
    const next = new Promise<void>((resolve) => this.#waiting.set(kind, resolve));
    if (!this.#seen.has(kind)) await Promise.race([next, this.#closed]);
    const seen = this.#seen.get(kind);
    if (seen === undefined) throw new Error(`brine ended before it was "${kind}"`);
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

import { setTimeout as wait } from 'node:timers/promises';

import type { ControlClient, WatchedEvent } from '@brine/control-http/client';
import { ControlError } from '@brine/control-http/client';

import { ExitCode } from '../../exit-codes.ts';
import { StopRequest } from '../../stop-request.ts';
import { processOutput } from '../../terminal/output.ts';
import type { ConnectionOptions } from './connection.ts';
import { openClient } from './connection.ts';
import { progressLine } from './payload-lines.ts';

export interface WatchOptions extends ConnectionOptions {
  /** Ends when all that are watched are complete. */
  readonly untilComplete?: boolean;
  readonly json?: boolean;
}

/** `brine watch [NAME...]`: tells what happens, until Ctrl-C; comes back when the agent was away. */
export async function watch(names: readonly string[], options: WatchOptions): Promise<ExitCode> {
  const aborted = new AbortController();
  new StopRequest().onRequest(() => aborted.abort());
  const watcher = new Watcher(names, options, aborted.signal);
  return watcher.run();
}

class Watcher {
  readonly #names: ReadonlySet<string>;
  readonly #options: WatchOptions;
  readonly #signal: AbortSignal;
  #lastId: string | undefined;

  constructor(names: readonly string[], options: WatchOptions, signal: AbortSignal) {
    this.#names = new Set(names);
    this.#options = options;
    this.#signal = signal;
  }

  async run(): Promise<ExitCode> {
    // The first time, nobody there is an error.
    let client = await openClient(this.#options);
    for (let isFirst = true; ; isFirst = false) {
      try {
        if (await this.#follow(client)) return ExitCode.done;
      } catch (error) {
        if (this.#signal.aborted) return ExitCode.done;
        // A stream that breaks is taken up again; an answer that says no stays one.
        const isAnswer = error instanceof ControlError && error.code !== 'unreachable';
        if (isFirst ? error instanceof ControlError : isAnswer) throw error;
      }
      if (this.#signal.aborted) return ExitCode.done;
      await wait(RETRY_MS, undefined, { signal: this.#signal }).catch(() => undefined);
      client = await openClient(this.#options).catch(() => client);
    }
  }

  /** Until the stream ends; true if there is nothing more to wait for. */
  async #follow(client: ControlClient): Promise<boolean> {
    const stream = client.streamEvents({
      signal: this.#signal,
      ...(this.#lastId === undefined ? {} : { lastId: this.#lastId }),
    });
    for await (const { id, event } of stream) {
      if (id !== undefined) this.#lastId = id;
      this.#tell(event);
      const mayBeDone = event.type === 'hello' || event.type === 'reset' || event.type === 'payload-complete';
      if (this.#options.untilComplete === true && mayBeDone && (await this.#isComplete(client))) return true;
    }
    return false;
  }

  async #isComplete(client: ControlClient): Promise<boolean> {
    const payloads = await client.listPayloads();
    const watched = payloads.filter(({ name }) => this.#names.size === 0 || this.#names.has(name));
    return watched.length >= this.#names.size && watched.every(({ complete }) => complete);
  }

  #tell(event: WatchedEvent): void {
    // What happens to payloads, not what the engine counts.
    if (event.type === 'engine') return;
    if (event.type === 'progress') {
      const payloads = event.payloads.filter(({ name }) => this.#watches(name));
      if (this.#options.json === true && payloads.length > 0) this.#line({ event: 'progress', payloads });
      else for (const payload of payloads) processOutput.line(progressLine(payload));
    } else if (!('name' in event) || this.#watches(event.name)) {
      const { type, ...rest } = event;
      if (this.#options.json === true) this.#line({ event: type, ...rest });
      else if (type !== 'hello' && type !== 'reset') processOutput.line(sentenceOf(event));
    }
  }

  #watches(name: string): boolean {
    return this.#names.size === 0 || this.#names.has(name);
  }

  #line(value: object): void {
    processOutput.line(JSON.stringify(value));
  }
}

function sentenceOf(event: Exclude<WatchedEvent, { type: 'engine' }>): string {
  switch (event.type) {
    case 'payload-phase':
      return `${event.name}: ${event.phase}`;
    case 'payload-complete':
      return `${event.name}: complete`;
    case 'payload-trouble':
      return `${event.name}: ${event.error.message} ${event.error.wayOut}`;
    case 'payload-ordered':
      return `${event.name}: ordered`;
    case 'payload-removed':
      return `${event.name}: removed`;
    case 'payload-recovered':
      return `${event.name}: the trouble is over`;
    case 'limits-changed':
      return 'The limits changed.';
    case 'stopping':
      return 'The agent stops.';
    case 'hello':
    case 'reset':
    case 'progress':
      return '';
  }
}

const RETRY_MS = 1_000;

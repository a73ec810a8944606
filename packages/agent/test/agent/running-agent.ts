import { once } from 'node:events';
import { watch } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';

import type { PayloadDetails } from '@brine/control-http/client';
import { ControlClient } from '@brine/control-http/client';

import { RunningBrine } from '../brine.ts';
import type { Scratch } from '../brine.ts';

/** An agent in its own folders, as a process, and a client of it. */
export class RunningAgent implements AsyncDisposable {
  readonly #process: RunningBrine;
  readonly client: ControlClient;
  readonly #api: { readonly url: string; readonly token: string };

  private constructor(process: RunningBrine, api: { readonly url: string; readonly token: string }) {
    this.#process = process;
    this.#api = api;
    this.client = new ControlClient({ ...api, timeoutMs: 25_000 });
  }

  static async start(scratch: Scratch, ...more: readonly string[]): Promise<RunningAgent> {
    await mkdir(scratch.at('root'), { recursive: true });
    const running = new RunningBrine(agentArguments(scratch, ...more));
    const { url } = await running.event('ready');
    const token = (await readFile(scratch.at('state', 'token'), 'utf8')).trim();
    return new RunningAgent(running, { url: String(url), token });
  }

  get ended(): RunningBrine['ended'] {
    return this.#process.ended;
  }

  /** Resolves with the payload's details as soon as they fit: looks at every event and progress that the agent tells. */
  async until(name: string, fits: (payload: PayloadDetails) => boolean): Promise<PayloadDetails> {
    for await (const _event of this.client.streamEvents()) {
      const payload = await this.client.getPayload(name);
      if (fits(payload)) return payload;
    }
    throw new Error('the stream ended');
  }

  /** Any body at all, as JSON that it may not be. */
  send(method: string, path: string, body: string): Promise<Response> {
    return fetch(`${this.#api.url}${path}`, { method, headers: { ...this.#headers }, body });
  }

  /** Begins a call and breaks the connection in the middle of its body. */
  async sendHalf(method: string, path: string, body: string): Promise<void> {
    const { hostname, port } = new URL(this.#api.url);
    const socket = connect(Number(port), hostname);
    const headers = { ...this.#headers, host: `${hostname}:${port}`, 'content-length': body.length };
    const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`${method} ${path} HTTP/1.1\r\n${head.join('')}\r\n${body.slice(0, -3)}`);
    await once(socket.resume(), 'close');
  }

  /** Resolves when everything that was to be removed has gone. */
  async removed(scratch: Scratch): Promise<void> {
    const file = scratch.at('state', 'orders.json');
    const isDone = async (): Promise<boolean> =>
      (JSON.parse(await readFile(file, 'utf8')) as Kept).removals.length === 0;
    const watcher = watch(scratch.at('state'));
    try {
      for (;;) {
        const change = once(watcher, 'change');
        if (await isDone()) return;
        await change;
      }
    } finally {
      watcher.close();
    }
  }

  get #headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.#api.token}`, 'content-type': 'application/json' };
  }

  async kill(signal: NodeJS.Signals): Promise<Awaited<RunningBrine['ended']>> {
    this.#process.kill(signal);
    return this.#process.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

interface Kept {
  readonly removals: readonly unknown[];
}

export function agentArguments(scratch: Scratch, ...more: readonly string[]): readonly string[] {
  const places = ['--state', scratch.at('state'), '--root', scratch.at('root')];
  const addresses = ['--api', '127.0.0.1:0', '--listen', '127.0.0.1:0', '--set', 'lsd=false'];
  return ['agent', ...places, ...addresses, '--set', 'log=warn', '--json', ...more];
}

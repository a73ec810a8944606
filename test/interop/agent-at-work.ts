import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { ControlClient } from '@brine/control-http/client';
import type { PayloadDetails } from '@brine/control-http/client';

import { BRINE, jsonLine } from '../rig/peers/brine.ts';

/** `brine agent` as a process of this machine in a scratch directory; disposing of it ends it and removes that. */
export class AgentAtWork implements AsyncDisposable {
  readonly directory: string;
  readonly url: string;
  readonly token: string;
  readonly client: ControlClient;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, place: { directory: string; url: string; token: string }) {
    this.#child = child;
    this.directory = place.directory;
    this.url = place.url;
    this.token = place.token;
    this.client = new ControlClient({ url: place.url, token: place.token, timeoutMs: 25_000 });
  }

  /** `settings`: further ones, `key=value`. */
  static async start(settings: readonly string[] = []): Promise<AgentAtWork> {
    const directory = await mkdtemp(join(tmpdir(), 'brine-agent-'));
    await mkdir(join(directory, 'root'));
    const places = ['--state', join(directory, 'state'), '--root', join(directory, 'root')];
    const addresses = ['--api', '127.0.0.1:0', '--listen', '127.0.0.1:0', '--json'];
    const set = ['lsd=false', 'log=warn', ...settings].flatMap((each) => ['--set', each]);
    const child = spawn(process.execPath, [BRINE, 'agent', ...places, ...addresses, ...set], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface(child.stdout)) {
      const { event, url } = jsonLine(line) ?? {};
      if (event !== 'ready') continue;
      const token = (await readFile(join(directory, 'state', 'token'), 'utf8')).trim();
      return new AgentAtWork(child, { directory, url: String(url), token });
    }
    throw new Error('the agent ended before it was ready');
  }

  /** A path below the root. */
  root(...names: readonly string[]): string {
    return join(this.directory, 'root', ...names);
  }

  /** Resolves with a payload's details as soon as they fit; looks at every event and progress. */
  async until(name: string, fits: (payload: PayloadDetails) => boolean): Promise<PayloadDetails> {
    for await (const _event of this.client.streamEvents()) {
      const payload = await this.client.getPayload(name);
      if (fits(payload)) return payload;
    }
    throw new Error('the agent ended');
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.isAlive) {
      const ended = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await ended;
    }
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

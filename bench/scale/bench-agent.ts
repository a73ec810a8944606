import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ControlClient } from '@brine/control-http/client';

import { BenchPeer } from '../bench-peer.ts';
import { REPOSITORY } from '../places.ts';
import { usageOf } from '../process-usage.ts';
import type { ProcessUsage } from '../process-usage.ts';

/** The built `brine agent` as a process. */
export class BenchAgent {
  readonly url: string;
  readonly token: string;
  readonly client: ControlClient;
  readonly #process: BenchPeer;

  private constructor(process: BenchPeer, url: string, token: string) {
    this.#process = process;
    this.url = url;
    this.token = token;
    this.client = new ControlClient({ url, token, timeoutMs: 120_000 });
  }

  /** Resolves when the API answers. */
  static async start(home: string): Promise<BenchAgent> {
    const places = ['--state', join(home, 'state'), '--root', join(home, 'root')];
    const addresses = ['--listen', '127.0.0.1:0', '--api', '127.0.0.1:0', '--set', 'lsd=false'];
    const program = join(REPOSITORY, 'packages/agent/bin/brine.js');
    const command = [
      process.execPath,
      program,
      'agent',
      ...places,
      ...addresses,
      '--set',
      'log=warn',
      '--json',
    ];
    const agent = new BenchPeer('agent', command);
    let url = '';
    await agent.line((line) => {
      if (line.startsWith('{"event":"ready"')) ({ url } = JSON.parse(line) as { url: string });
      return url !== '';
    }, 60_000);
    return new BenchAgent(agent, url, (await readFile(join(home, 'state/token'), 'utf8')).trim());
  }

  get usage(): ProcessUsage {
    return usageOf(this.#process.pid);
  }

  /** Bytes that it has read, from files and sockets. */
  get bytesRead(): number {
    return Number(/^rchar: (\d+)/m.exec(readFileSync(`/proc/${this.#process.pid}/io`, 'latin1'))?.[1]);
  }

  /** The longest time that its event loop was held up since the last call of this, in milliseconds. */
  async loopDelayMaxMs(): Promise<number> {
    const answer = await fetch(`${this.url}/metrics`, { headers: { authorization: `Bearer ${this.token}` } });
    const found = /^nodejs_eventloop_lag_max_seconds (\S+)/m.exec(await answer.text());
    return Number(found?.[1]) * 1_000;
  }

  /** How many payloads are not yet where `done` wants them. */
  async waiting(done: (phase: string) => boolean): Promise<number> {
    return (await this.client.listPayloads()).filter(({ phase }) => !done(phase)).length;
  }

  /** Resolves with the milliseconds it took. */
  async stop(): Promise<number> {
    const startedMs = performance.now();
    await this.#process.stop(20_000);
    return performance.now() - startedMs;
  }
}

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { ControlClient } from '@brine/control-http/client';

import { AgentProcess } from '../rig/agent.ts';

/** An agent in a scratch directory; disposing of it ends it and removes that. */
export class AgentRoom implements AsyncDisposable {
  readonly directory: string;
  readonly client: ControlClient;
  readonly url: string;
  readonly token: string;
  readonly #process: AgentProcess;

  private constructor(
    process: AgentProcess,
    room: { directory: string; client: ControlClient; url: string; token: string },
  ) {
    this.#process = process;
    this.directory = room.directory;
    this.client = room.client;
    this.url = room.url;
    this.token = room.token;
  }

  /** `extra`: further arguments of `brine agent`. */
  static async open(...extra: readonly string[]): Promise<AgentRoom> {
    const directory = await mkdtemp(join(tmpdir(), 'brine-agent-'));
    const [state, root] = [join(directory, 'state'), join(directory, 'root')];
    await mkdir(root);
    const listen = ['--listen', '127.0.0.1:0', '--set', 'log=warn'];
    const process = new AgentProcess({ state, root, extra: [...listen, ...extra] });
    const { url, token } = await process.api();
    const client = await process.client();
    return new AgentRoom(process, { directory, client, url, token });
  }

  /** A path below the root. */
  root(...names: readonly string[]): string {
    return join(this.directory, 'root', ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

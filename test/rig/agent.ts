import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ControlClient } from '@brine/control-http/client';
import type { PayloadDetails } from '@brine/control-http/client';

import { BRINE, jsonLine } from './peers/brine.ts';
import { Program } from './program.ts';

/** Where an agent keeps what it has, and how it is called. */
export interface AgentPlaces {
  readonly state: string;
  readonly root: string;
  /** Further arguments of `brine agent`. */
  readonly extra?: readonly string[];
}

/** `brine agent` as a process of this machine, its API on a free port of the loopback device. */
export class AgentProcess implements AsyncDisposable {
  readonly program: Program;
  readonly #places: AgentPlaces;

  constructor(places: AgentPlaces) {
    this.#places = places;
    const { state, root, extra = [] } = places;
    const where = ['--state', state, '--root', root, '--api', '127.0.0.1:0', '--set', 'lsd=false'];
    const command = [process.execPath, BRINE, 'agent', ...where, '--json', ...extra];
    this.program = new Program('agent', { prefix: [] }, command);
  }

  /** Resolves with a client when the API answers. */
  async client(): Promise<ControlClient> {
    return new ControlClient({ ...(await this.api()), timeoutMs: 25_000 });
  }

  /** Resolves with the way to the API when it answers. */
  async api(): Promise<{ readonly url: string; readonly token: string }> {
    const { text } = await this.program.line((line) => jsonLine(line)?.['event'] === 'ready', 'ready');
    const token = (await readFile(join(this.#places.state, 'token'), 'utf8')).trim();
    return { url: String(jsonLine(text)?.['url']), token };
  }

  kill(): Promise<void> {
    return this.program.kill();
  }

  stop(): Promise<void> {
    return this.program.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }
}

/** Resolves with a payload's details as soon as they fit: looks at each event, and at progress each second. */
export async function until(
  client: ControlClient,
  name: string,
  fits: (payload: PayloadDetails) => boolean,
): Promise<PayloadDetails> {
  let last: PayloadDetails | undefined;
  for await (const _event of client.streamEvents()) {
    last = await client.getPayload(name);
    if (fits(last)) return last;
  }
  const { phase, percent, error } = last ?? {};
  throw new Error(
    `the agent's events ended before "${name}" was as expected: ${JSON.stringify({ phase, percent, error })}`,
  );
}

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { ControlClient } from '@brine/control-http/client';
import { expect, test } from 'vitest';

import { describeWith } from './requirements.ts';

/** An agent that a service manager starts when somebody calls. */
class ActivatedAgent implements AsyncDisposable {
  readonly folder: string;
  readonly #manager: ChildProcess;
  readonly #lines: AsyncIterableIterator<string>;

  private constructor(folder: string, manager: ChildProcess) {
    this.folder = folder;
    this.#manager = manager;
    this.#lines = createInterface(manager.stdout!)[Symbol.asyncIterator]();
  }

  static async open(host: string, ...options: readonly string[]): Promise<ActivatedAgent> {
    const folder = await mkdtemp(join(tmpdir(), 'brine-service-'));
    await mkdir(join(folder, 'state'));
    await mkdir(join(folder, 'root'));
    // Whoever calls first needs it before the agent has ever run.
    await writeFile(join(folder, 'state', 'token'), TOKEN, { mode: 0o600 });
    const places = ['--state', join(folder, 'state'), '--root', join(folder, 'root')];
    const agent = [process.execPath, BRINE, 'agent', ...places, '--listen', '127.0.0.1:0', ...options];
    const quiet = ['--set', 'lsd=false', '--set', 'log=warn'];
    const manager = spawn('python3', [MANAGER, host, join(folder, 'notices'), ...agent, ...quiet], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    });
    return new ActivatedAgent(folder, manager);
  }

  /** The next line of the service manager that begins so; the rest of it. */
  async line(begin: string): Promise<string> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error(`the service manager ended without "${begin}"`);
      if (value.startsWith(begin)) return value.slice(begin.length).trim();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(-this.#manager.pid!, 'SIGKILL');
    await once(this.#manager, 'close');
    await rm(this.folder, { recursive: true, maxRetries: 3 });
  }
}

describeWith(['python3', 'systemd-notify'], 'an agent with a socket of the service manager', () => {
  test('is started by a call, says that it is ready, ends when idle, and is started by the next call', async () => {
    await using agent = await ActivatedAgent.open('127.0.0.1', '--exit-when-idle', '1s');
    const client = new ControlClient({
      url: `http://127.0.0.1:${await agent.line('port')}`,
      token: TOKEN,
    });
    const infohash = 'ab'.repeat(20);
    // Waits in the socket until there is somebody to answer.
    expect((await client.putPayload('maps', { infohash, paused: true })).outcome).toBe('created');
    expect(await agent.line('told')).toBe('READY=1');
    expect(await agent.line('told')).toBe('STOPPING=1');
    expect(await agent.line('ended')).toBe('0');
    // Commands find it there although it does not run.
    const { url } = JSON.parse(await readFile(join(agent.folder, 'state', 'agent.json'), 'utf8')) as {
      url: string;
    };
    const again = new ControlClient({ url, token: TOKEN });
    expect(await again.listPayloads()).toMatchObject([{ name: 'maps', infohash }]);
    expect(await agent.line('told')).toBe('READY=1');
  });

  test('does not offer its API to others without TLS', async () => {
    await using agent = await ActivatedAgent.open('0.0.0.0');
    const client = new ControlClient({ url: `http://127.0.0.1:${await agent.line('port')}`, token: TOKEN });
    // Nobody will answer it.
    void client.getEngine().catch(() => undefined);
    expect(await agent.line('ended')).toBe('5');
  });
});

const TOKEN = 'a-token-of-tests-that-is-long-enough-0123';
const BRINE = fileURLToPath(new URL('../../packages/agent/bin/brine.js', import.meta.url));
const MANAGER = fileURLToPath(new URL('service_manager.py', import.meta.url));

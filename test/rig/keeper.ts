import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { addNamespace, ip } from './iproute.ts';

/**
 * Reads the names of what is to be removed, and removes it when there is nothing left to read: because `close` said so, or because
 * the process at the other end of the pipe is gone, however it went. Twice over the processes: the first may still start a second.
 */
const SCRIPT = `
trap '' INT TERM HUP
names=() folders=()
while read -r kind name; do
  if [ "$kind" = namespace ]; then names+=("$name"); else folders+=("$name"); fi
done
for round in 1 2; do
  for name in "\${names[@]}"; do
    [ -e "/run/netns/$name" ] && ip netns pids "$name" | xargs -r kill -9 2>/dev/null
  done
done
for name in "\${names[@]}"; do [ -e "/run/netns/$name" ] && ip netns del "$name"; done
[ \${#folders[@]} -eq 0 ] || rm -rf "\${folders[@]}"
exit 0`;

/**
 * Makes network namespaces and scratch folders, and sees to it that they go, with all processes in the namespaces: by `close`, at the
 * latest when this process ends, be it by Ctrl-C or by SIGKILL. The work is done by a shell in a session of its own, always the same way.
 */
export class Keeper implements AsyncDisposable {
  readonly #name = `brine-${process.pid}-${randomBytes(3).toString('hex')}`;
  readonly #shell: ChildProcess;
  readonly #gone: Promise<unknown>;

  constructor() {
    this.#shell = spawn('bash', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'inherit'], detached: true });
    this.#gone = once(this.#shell, 'close');
    this.#shell.unref();
    (this.#shell.stdin as Socket).unref();
  }

  /** Adds a network namespace with its loopback device up. Its name is unique; `role` tells people what it is. */
  async namespace(role: string): Promise<string> {
    const name = `${this.#name}-${role}`;
    this.#tell('namespace', name);
    await addNamespace(name);
    await ip(name, ['link set lo up']);
    return name;
  }

  /** Adds a scratch folder. */
  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), `${this.#name}-`));
    this.#tell('folder', path);
    return path;
  }

  /** Removes everything. Idempotent. */
  async close(): Promise<void> {
    this.#shell.ref();
    this.#shell.stdin?.end();
    await this.#gone;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #tell(kind: 'namespace' | 'folder', name: string): void {
    this.#shell.stdin?.write(`${kind} ${name}\n`);
  }
}

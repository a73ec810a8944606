import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';

/** Who holds a lock. */
interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same number; empty where the platform does not tell. */
  readonly birth: string;
}

/** How processes are told apart; a test has its own. */
export interface Processes {
  readonly pid: number;
  /** Whether this process still lives. */
  isAlive(holder: Holder): Promise<boolean>;
  birth(pid: number): Promise<string>;
}

/**
 * A file that one living process holds. Taking it is one `link`, which fails if there is one. A dead process's lock is removed by whoever
 * holds a second lock for that, so that nobody removes the one that another has put there meanwhile.
 */
export class InstanceLock {
  readonly #file: string;
  readonly #text: string;

  private constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  /** Rejects with `CommandError` `agent-running` if somebody holds it. */
  static async take(file: string, processes: Processes = HERE): Promise<InstanceLock> {
    const text = JSON.stringify({ pid: processes.pid, birth: await processes.birth(processes.pid) });
    const mine = `${file}.${processes.pid}-${randomBytes(4).toString('hex')}`;
    await writeFile(mine, text, { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
        if (await linked(mine, file)) return new InstanceLock(file, text);
        const found = await readIfThere(file);
        if (found === undefined) continue;
        const holder = parseHolder(found);
        if (holder !== undefined && (await processes.isAlive(holder))) throw running(file, holder);
        await removeStale(file, found, mine, processes);
      }
      throw running(file, undefined);
    } finally {
      await rm(mine, { force: true });
    }
  }

  /** Gives it back, if it is still ours. */
  async release(): Promise<void> {
    if ((await readIfThere(this.#file)) === this.#text) await rm(this.#file, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes the lock if it still is the dead process's; leaves it to another if one is about it. */
async function removeStale(
  file: string,
  expected: string,
  mine: string,
  processes: Processes,
): Promise<void> {
  const removing = `${file}.removing`;
  if (await linked(mine, removing)) {
    try {
      if ((await readIfThere(file)) === expected) await rm(file, { force: true });
    } finally {
      await rm(removing, { force: true });
    }
    return;
  }
  const holder = parseHolder((await readIfThere(removing)) ?? '');
  if (holder !== undefined && !(await processes.isAlive(holder))) await rm(removing, { force: true });
  else await wait(REMOVING_MS);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    const { pid, birth } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' && typeof birth === 'string' ? { pid, birth } : undefined;
  } catch {
    // Cut short by a power cut.
    return undefined;
  }
}

function running(file: string, holder: Holder | undefined): CommandError {
  const who = holder === undefined ? 'Another agent' : `Another agent (process ${holder.pid})`;
  return new CommandError(
    'agent-running',
    ExitCode.usage,
    `${who} uses this state directory: it holds ${file}. Stop it first, or give this one another directory with --state.`,
  );
}

const HERE: Processes = {
  pid: process.pid,
  birth: birthOf,
  isAlive: async ({ pid, birth }) => {
    if (pid === process.pid) return false; // ours is a new process: an old one had our number
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    }
    return birth === '' || birth === (await birthOf(pid));
  },
};

/** On Linux the boot and the process's start in it: after a restart of the machine numbers come again. */
async function birthOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start is the 20th field after it.
    return `${boot.trim()}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}

const ATTEMPTS_MAX = 100;
/** Removing a file takes another process about as long. */
const REMOVING_MS = 5;

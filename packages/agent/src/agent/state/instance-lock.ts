import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';

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
 * A file that one living process holds. Taking it is one `link`, which fails if there is one. A dead process's lock is renamed away
 * first, and looked at once more under its new name: somebody else may have taken it between our look and our rename.
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
        await moveAway(file, found);
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

async function moveAway(file: string, expected: string): Promise<void> {
  const aside = `${file}.stale-${randomBytes(4).toString('hex')}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Not the one that we judged: its holder lives, so it gets it back.
  if ((await readIfThere(aside)) !== expected) await linked(aside, file);
  await rm(aside, { force: true });
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

const ATTEMPTS_MAX = 10;

import { randomBytes } from 'node:crypto';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { whileBusy } from '@brine/piece-store/node';

import { CommandError } from '../../command-error.ts';
import { ExitCode } from '../../exit-codes.ts';
import type { Holder, Processes } from './living-processes.ts';
import { PROCESSES_HERE } from './living-processes.ts';

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
  static async take(file: string, processes: Processes = PROCESSES_HERE): Promise<InstanceLock> {
    const text = JSON.stringify({ pid: processes.pid, birth: await processes.birth() });
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
      await removeFile(mine);
    }
  }

  /** Gives it back, if it is still ours. */
  async release(): Promise<void> {
    if ((await readIfThere(this.#file)) === this.#text) await removeFile(this.#file);
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
      if ((await readIfThere(file)) === expected) await removeFile(file);
    } finally {
      await removeFile(removing);
    }
    return;
  }
  const holder = parseHolder((await readIfThere(removing)) ?? '');
  if (holder !== undefined && !(await processes.isAlive(holder))) await removeFile(removing);
  else await wait(REMOVING_MS);
}

/** On Windows whoever looks into it at this moment keeps it for that long. */
function removeFile(file: string): Promise<void> {
  return whileBusy(file, () => rm(file, { force: true }));
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

const ATTEMPTS_MAX = 100;
/** Removing a file takes another process about as long. */
const REMOVING_MS = 5;

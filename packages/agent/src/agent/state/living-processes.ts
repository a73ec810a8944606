import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';

/** Who holds a lock. */
export interface Holder {
  readonly pid: number;
  /** Tells a process from a later one with the same number; empty where the platform does not tell. */
  readonly birth: string;
}

/** How processes are told apart; a test has its own. */
export interface Processes {
  readonly pid: number;
  /** Of this process. */
  birth(): Promise<string>;
  /** Whether this process still lives. */
  isAlive(holder: Holder): Promise<boolean>;
}

/** On Linux a birth is the boot and the process's start in it: after a restart of the machine numbers come again. */
const BY_START_TIME: Processes = {
  pid: process.pid,
  birth: () => startOf(process.pid),
  isAlive: async ({ pid, birth }) => {
    if (pid === process.pid) return false; // ours is a new process: an old one had our number
    try {
      process.kill(pid, 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    }
    return birth === '' || birth === (await startOf(pid));
  },
};

/**
 * Windows gives numbers again within minutes and does not tell when a process began. There a birth is the name of a pipe that the process
 * has open: it goes with the process, however that ends. `pathOf` says where a pipe of that name is.
 */
export function byPipe(pathOf: (birth: string) => string, pid: number = process.pid): Processes {
  return {
    pid,
    birth: async () => {
      const birth = `${pid}-${randomBytes(16).toString('hex')}`;
      const server = createServer((socket) => socket.destroy()).unref();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject).listen(pathOf(birth), resolve);
      });
      return birth;
    },
    isAlive: ({ birth }) =>
      new Promise((resolve) => {
        const socket = connect(pathOf(birth));
        const answer = (isAlive: boolean): void => {
          socket.destroy();
          resolve(isAlive);
        };
        socket.once('connect', () => answer(true));
        // Nobody there is the only sign of death: a pipe that is busy or another user's is somebody's.
        socket.once('error', ({ code }: NodeJS.ErrnoException) => answer(!NOBODY.has(code ?? '')));
      }),
  };
}

/** As the platform tells them apart. */
export const PROCESSES_HERE: Processes =
  process.platform === 'win32' ? byPipe((birth) => `\\\\.\\pipe\\brine-agent-${birth}`) : BY_START_TIME;

async function startOf(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; the start is the 20th field after it.
    return `${boot.trim()}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''}`;
  } catch {
    return '';
  }
}

const NOBODY: ReadonlySet<string> = new Set(['ENOENT', 'ECONNREFUSED']);

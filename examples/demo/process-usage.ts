import { readFile } from 'node:fs/promises';

/** What a process used so far. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** The largest resident set so far. */
  readonly peakBytes: number;
}

/** Reads `/proc`; undefined on systems without it, and for a process that is gone. */
export async function usageOf(pid: number | undefined): Promise<ProcessUsage | undefined> {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  try {
    const [status, stat] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/stat`, 'utf8'),
    ]);
    // Fields after the command's name in parentheses: user and system time are the 14th and 15th of all.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    const peakKiB = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0);
    return { cpuSeconds: ticks / TICKS_PER_SECOND, peakBytes: peakKiB * 1024 };
  } catch {
    return undefined;
  }
}

/** Linux tells user space 100 ticks a second, whatever the kernel's own are. */
const TICKS_PER_SECOND = 100;

import { readFileSync } from 'node:fs';

/** What a process has used so far, from /proc. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** Largest resident set so far, MiB; counts mapped files. */
  readonly peakMiB: number;
  /** Anonymous memory now, MiB. */
  readonly anonymousMiB: number;
}

const TICKS_PER_SECOND = 100; // USER_HZ, which is 100 on every Linux

/** Throws when the process is gone. */
export function usageOf(pid: number): ProcessUsage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024;
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    peakMiB: mib('VmHWM'),
    anonymousMiB: mib('RssAnon'),
  };
}

/** Bytes that have passed the loopback device of this network namespace. */
export function loopbackBytes(): number {
  return Number(/^\s*lo:\s*(\d+)/m.exec(readFileSync('/proc/thread-self/net/dev', 'latin1'))?.[1] ?? 0);
}

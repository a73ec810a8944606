import { cpus } from 'node:os';

/** Measures how much of the machine had nothing to do: where that is little, times say more about the machine than about who ran on it. */
export class IdleShare {
  readonly #start = times();

  /** Since the beginning, 0 to 1. */
  now(): number {
    const { idle, all } = times();
    return (idle - this.#start.idle) / Math.max(1, all - this.#start.all);
  }
}

function times(): { readonly idle: number; readonly all: number } {
  const each = cpus().map((core) => core.times);
  const all = each.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
  return { idle: each.reduce((sum, { idle }) => sum + idle, 0), all };
}

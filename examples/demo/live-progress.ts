import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';

import type { BrineEvent } from './brine-process.ts';

/** Shows how far each machine is: bars on a terminal, a line for every quarter in a pipe. */
export class LiveProgress {
  readonly #multi: MultiBar | undefined;
  readonly #bars = new Map<string, SingleBar>();
  readonly #complete = new Set<string>();
  readonly #quarters = new Map<string, number>();

  constructor(names: readonly string[]) {
    if (!process.stdout.isTTY) return;
    this.#multi = new MultiBar({
      stream: process.stdout,
      format: '  {label} [{bar}] {percentage} %  {rates}',
      barsize: 30,
      hideCursor: true,
      gracefulExit: false,
    });
    for (const name of names)
      this.#bars.set(name, this.#multi.create(100, 0, { label: name.padEnd(6), rates: '' }));
  }

  show(name: string, event: BrineEvent): void {
    if ((event.event !== 'progress' && event.event !== 'complete') || this.#complete.has(name)) return;
    if (event.event === 'complete') this.#complete.add(name);
    const percent = event.event === 'complete' ? 100 : (event.percent ?? 0);
    const rates =
      event.event === 'complete'
        ? `complete after ${(event.seconds ?? 0).toFixed(1)} s`
        : `down ${rate(event.downBytesPerSecond)}  up ${rate(event.upBytesPerSecond)}  ${count(event.peers)}`;
    const bar = this.#bars.get(name);
    if (bar !== undefined) bar.update(Math.floor(percent), { label: name.padEnd(6), rates });
    else this.#line(name, percent, rates);
  }

  close(): void {
    this.#multi?.stop();
  }

  #line(name: string, percent: number, rates: string): void {
    const quarter = Math.floor(percent / 25);
    if (quarter === this.#quarters.get(name)) return;
    this.#quarters.set(name, quarter);
    console.log(`  ${name.padEnd(6)} ${percent.toFixed(0).padStart(3)} %  ${rates}`);
  }
}

function count(peers = 0): string {
  return peers === 1 ? '1 peer' : `${peers} peers`;
}

function rate(bytesPerSecond = 0): string {
  return `${(bytesPerSecond / 1e6).toFixed(0).padStart(3)} MB/s`;
}

import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';

import type { BrineEvent } from './brine-process.ts';

/** Shows how far each machine is: bars on a terminal, a line for every quarter in a pipe. */
export class LiveProgress {
  readonly #multi: MultiBar | undefined;
  readonly #bars = new Map<string, SingleBar>();
  readonly #quarters = new Map<string, number>();

  constructor(names: readonly string[]) {
    if (!process.stdout.isTTY) return;
    this.#multi = new MultiBar({
      stream: process.stdout,
      format: '  {name} [{bar}] {percentage} %  {rates}',
      barsize: 30,
      hideCursor: true,
      gracefulExit: false,
    });
    for (const name of names) this.#bars.set(name, this.#multi.create(100, 0, { name, rates: '' }));
  }

  show(name: string, event: BrineEvent): void {
    if (event.event !== 'progress') return;
    const percent = event.percent ?? 0;
    const rates = `down ${rate(event.downBytesPerSecond)}  up ${rate(event.upBytesPerSecond)}  ${event.peers ?? 0} peers`;
    const bar = this.#bars.get(name);
    if (bar !== undefined) bar.update(Math.floor(percent), { name, rates });
    else this.#line(name, percent, rates);
  }

  close(): void {
    this.#multi?.stop();
  }

  #line(name: string, percent: number, rates: string): void {
    const quarter = Math.floor(percent / 25);
    if (quarter === this.#quarters.get(name)) return;
    this.#quarters.set(name, quarter);
    console.log(`  ${name}  ${percent.toFixed(0).padStart(3)} %  ${rates}`);
  }
}

function rate(bytesPerSecond = 0): string {
  return `${(bytesPerSecond / 1e6).toFixed(0).padStart(3)} MB/s`;
}

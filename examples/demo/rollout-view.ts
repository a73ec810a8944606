import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';

import type { BrineEvent } from './brine-process.ts';
import { receivedBytes } from './brine-process.ts';
import type { DemoSite } from './fleet.ts';
import type { Routers } from './router.ts';
import { inMegabytes, timesPayload } from './units.ts';

/** Shows how far each machine is, site by site, and what has crossed each site's line: live on a terminal, a few lines in a pipe. */
export class RolloutView {
  readonly #sites: readonly DemoSite[];
  readonly #routers: Routers;
  readonly #payloadBytes: number;
  readonly #latest = new Map<string, BrineEvent>();
  readonly #startedMs: number = performance.now();
  readonly #timer: NodeJS.Timeout;
  #bars: Bars | undefined;

  constructor(sites: readonly DemoSite[], routers: Routers, payloadBytes: number) {
    this.#sites = sites;
    this.#routers = routers;
    this.#payloadBytes = payloadBytes;
    const live = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
    this.#bars = live ? new Bars(sites) : undefined;
    this.#timer = setInterval(() => this.#draw(), live ? REDRAW_MS : LINE_MS);
  }

  /** What a machine tells. */
  show(name: string, event: BrineEvent): void {
    if (this.#latest.get(name)?.event === 'complete') return;
    if (event.event === 'progress' || event.event === 'complete') this.#latest.set(name, event);
  }

  /** Everybody is complete. */
  finish(): void {
    this.#draw();
    this.close();
  }

  /** Gives the terminal back. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
    this.#bars?.close();
    this.#bars = undefined;
  }

  #draw(): void {
    if (this.#bars === undefined) this.#line();
    for (const site of this.#sites) {
      this.#bars?.title(site, `${site.name.padEnd(10)} over its line: ${this.#crossed(site)}`);
      for (const { name } of site.machines)
        this.#bars?.machine(name, this.#percent(name), this.#details(name));
    }
  }

  #line(): void {
    const seconds = ((performance.now() - this.#startedMs) / 1000).toFixed(0).padStart(3);
    for (const [index, site] of this.#sites.entries()) {
      const percents = site.machines.map(({ name }) => `${this.#percent(name).toFixed(0).padStart(3)} %`);
      const time = index === 0 ? `${seconds} s` : ''.padStart(5);
      console.log(
        `  ${time}  ${site.name.padEnd(8)} ${percents.join('  ')}   over its line: ${this.#crossed(site)}`,
      );
    }
  }

  /** What the routers counted, and what machines received beyond that: it came from their neighbours. */
  #crossed(site: DemoSite): string {
    const bytes = this.#routers.lineOf(site).into.bytesPassed;
    const received = site.machines.reduce((sum, { name }) => sum + this.#received(name), 0);
    const inside = inMegabytes(Math.max(0, received - bytes));
    return `${inMegabytes(bytes)} (${timesPayload(bytes, this.#payloadBytes)} the payload), inside: ${inside}`;
  }

  #received(name: string): number {
    const event = this.#latest.get(name);
    return event === undefined ? 0 : receivedBytes(event);
  }

  #percent(name: string): number {
    const event = this.#latest.get(name);
    return event?.event === 'complete' ? 100 : Math.floor(event?.percent ?? 0);
  }

  #details(name: string): string {
    const event = this.#latest.get(name);
    if (event?.event === 'complete') return `complete after ${(event.seconds ?? 0).toFixed(1)} s`;
    return event === undefined ? 'starting' : `${((event.downBytesPerSecond ?? 0) / 1e6).toFixed(1)} MB/s`;
  }
}

/** One line for each site and each machine, redrawn in place. */
class Bars {
  readonly #multi = new MultiBar({
    stream: process.stdout,
    format: '    {label} {bar} {percentage} %  {details}',
    barsize: 25,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    gracefulExit: false,
  });
  readonly #titles = new Map<DemoSite, SingleBar>();
  readonly #machines = new Map<string, SingleBar>();

  constructor(sites: readonly DemoSite[]) {
    for (const site of sites) {
      this.#titles.set(site, this.#multi.create(1, 0, { title: site.name }, { format: '  {title}' }));
      for (const { name } of site.machines)
        this.#machines.set(name, this.#multi.create(100, 0, { label: name.padEnd(9), details: 'starting' }));
    }
  }

  title(site: DemoSite, title: string): void {
    this.#titles.get(site)?.update(0, { title });
  }

  machine(name: string, percent: number, details: string): void {
    this.#machines.get(name)?.update(percent, { details });
  }

  close(): void {
    this.#multi.stop();
  }
}

const REDRAW_MS = 250;
const LINE_MS = 5000;

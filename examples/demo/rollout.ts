import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { BRINE, BrineProcess, receivedBytes } from './brine-process.ts';
import type { DemoMachine, DemoSite } from './fleet.ts';
import { ALL_SITES, doorOf, homeOf, ORIGIN, SITES } from './fleet.ts';
import { differences, hashFolder } from './folder-hashes.ts';
import type { ProcessUsage } from './process-usage.ts';
import { RolloutView } from './rollout-view.ts';
import { Routers } from './router.ts';

/** What is rolled out, and over which lines. */
export interface RolloutPlan {
  /** The folder in which everything happens; the payload stands in `origin/payload`. */
  readonly folder: string;
  readonly payloadBytes: number;
  readonly lineBytesPerSecond: number;
  readonly port: number;
}

/** What was measured in one rollout. */
export interface RolloutResult {
  /** Bytes that entered each of `SITES` over its line. */
  readonly into: readonly number[];
  readonly outOfOrigin: number;
  /** Bytes that machines got from others of their own site, over all sites. */
  readonly inside: number;
  /** Of the machine that took longest, from its start to complete and verified. */
  readonly seconds: number;
  /** Files that are not as they should be, over all machines. */
  readonly differing: number;
  /** Of the machines that say; empty where the system does not tell. */
  readonly usage: readonly ProcessUsage[];
}

/** All machines start at the same moment and fetch the payload. `options`: what each is told about sites. Everything has ended when this settles. */
export class Rollout {
  readonly #plan: RolloutPlan;
  readonly #options: (site: DemoSite) => readonly string[];
  readonly #processes: BrineProcess[] = [];
  #routers: Routers | undefined;
  #view: RolloutView | undefined;
  #stopped = false;

  constructor(plan: RolloutPlan, options: (site: DemoSite) => readonly string[]) {
    this.#plan = plan;
    this.#options = options;
  }

  /** Rejects when a process ends before its time, and when it takes far too long. */
  async run(): Promise<RolloutResult> {
    const { folder, payloadBytes, lineBytesPerSecond, port } = this.#plan;
    const routers = await Routers.open(ALL_SITES, lineBytesPerSecond, port);
    this.#routers = routers;
    try {
      const [origin] = ORIGIN.machines;
      if (origin === undefined) throw new Error('no origin');
      const seed = ['seed', join(folder, 'payload.torrent'), '--path', join(folder, 'origin')];
      await this.#start(ORIGIN, origin, seed).reached('ready');
      const view = new RolloutView(SITES, routers, payloadBytes);
      this.#view = view;
      const machines = SITES.flatMap((site) => site.machines.map((machine) => ({ site, machine })));
      const running = await Promise.all(
        machines.map(({ site, machine }) => this.#startLeecher(site, machine, view)),
      );
      const ends = await inTime(Promise.all(running.map((process) => process.reached('complete'))));
      const usage = (await Promise.all(running.map((process) => process.usage()))).flatMap(
        (used) => used ?? [],
      );
      view.finish();
      const into = SITES.map((site) => routers.lineOf(site).into.bytesPassed);
      return {
        into,
        inside: Math.max(0, sum(ends.map(receivedBytes)) - sum(into)),
        outOfOrigin: routers.lineOf(ORIGIN).outOf.bytesPassed,
        seconds: Math.max(...ends.map(({ seconds }) => seconds ?? 0)),
        usage,
        differing: await this.#differing(machines.map(({ machine }) => machine)),
      };
    } finally {
      await this.stop();
    }
  }

  /** Nothing is drawn any more, so that something else can be written. */
  closeView(): void {
    this.#view?.close();
  }

  /** Ends all processes and closes the routers. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.closeView();
    await Promise.all(this.#processes.map((process) => process.stop()));
    await this.#routers?.close();
  }

  async #startLeecher(site: DemoSite, machine: DemoMachine, view: RolloutView): Promise<BrineProcess> {
    const path = this.#pathOf(machine);
    await mkdir(path);
    const get = ['get', join(this.#plan.folder, 'payload.torrent'), '--path', path];
    const peers = ALL_SITES.flatMap((other) =>
      other.machines
        .filter((peer) => peer !== machine)
        .map((peer) => (other === site ? homeOf(peer) : doorOf(peer, site))),
    );
    const known = peers.flatMap((ip) => ['--peer', `${ip}:${this.#plan.port}`]);
    return this.#start(site, machine, [...get, ...known], (event) => view.show(machine.name, event));
  }

  #start(
    site: DemoSite,
    machine: DemoMachine,
    command: readonly string[],
    onEvent?: ConstructorParameters<typeof BrineProcess>[1],
  ): BrineProcess {
    if (this.#stopped) throw new Error('interrupted');
    // Everybody is told of everybody; what machines would tell each other are addresses that go past the routers.
    const listen = ['--listen', `${homeOf(machine)}:${this.#plan.port}`, '--no-lsd', '--no-pex'];
    const process = new BrineProcess([...command, ...listen, ...this.#options(site)], onEvent);
    this.#processes.push(process);
    return process;
  }

  #pathOf(machine: DemoMachine): string {
    return join(this.#plan.folder, machine.name);
  }

  /** Compares all copies with the origin's files, and removes them. */
  async #differing(machines: readonly DemoMachine[]): Promise<number> {
    const expected = await hashFolder(join(this.#plan.folder, 'origin', 'payload'));
    let differing = 0;
    for (const machine of machines) {
      differing += differences(expected, await hashFolder(join(this.#pathOf(machine), 'payload'))).length;
    }
    await this.stop();
    for (const machine of machines)
      await rm(this.#pathOf(machine), { recursive: true, force: true, maxRetries: 3 });
    return differing;
  }
}

/** `brine create`, as a process of its own. */
export async function describePayload(folder: string): Promise<void> {
  const order = ['create', join(folder, 'origin', 'payload'), '-o', join(folder, 'payload.torrent')];
  await promisify(execFile)(process.execPath, [BRINE, ...order]);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((whole, count) => whole + count, 0);
}

/** A demo ends by itself, whatever happens. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('some machine is not complete after five minutes')), 300_000);
  });
  try {
    return await Promise.race([work, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

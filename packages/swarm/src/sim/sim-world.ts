import { EventLog } from './event-log.ts';
import { makePayload } from './payload.ts';
import type { Payload, PayloadOptions } from './payload.ts';
import { SimClock } from './sim-clock.ts';
import { SimDatagrams } from './sim-datagrams.ts';
import type { SimDatagramsOptions } from './sim-datagrams.ts';
import { SimHasher } from './sim-hasher.ts';
import type { SimHost, SimHostOptions } from './sim-host.ts';
import { SimHttp } from './sim-http.ts';
import { SimMachine } from './sim-machine.ts';
import type { SimMachineOptions, SimSurroundings } from './sim-machine.ts';
import { SimNetwork } from './sim-network.ts';
import type { SimNetworkOptions } from './sim-network.ts';
import type { SimPlatform } from './sim-platform.ts';
import { SimRandom } from './sim-random.ts';

export interface SimWorldOptions {
  readonly seed: number | string;
  readonly platform: SimPlatform;
  readonly network?: SimNetworkOptions;
  readonly datagrams?: SimDatagramsOptions;
  /** Whether engines tell the log what happens, default true. Large swarms do without. */
  readonly logging?: boolean;
}

/** Everything there is: time, chance, a network, machines, and a log of what their engines tell. */
export class SimWorld implements SimSurroundings {
  readonly seed: number | string;
  readonly platform: SimPlatform;
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly network: SimNetwork;
  readonly datagrams: SimDatagrams;
  readonly http: SimHttp;
  readonly hasher: SimHasher;
  readonly log: EventLog;
  readonly knownPieces: Map<string, Uint8Array> = new Map();
  readonly machines: SimMachine[] = [];
  #hostsAdded = 0;

  constructor(options: SimWorldOptions) {
    this.seed = options.seed;
    this.platform = options.platform;
    this.clock = new SimClock(options.platform);
    this.log = new EventLog({ quiet: options.logging === false });
    this.http = new SimHttp(this.clock);
    this.hasher = new SimHasher(this.clock, options.platform);
    this.random = new SimRandom(options.seed);
    this.network = new SimNetwork(this.clock, this.random, options.network);
    this.datagrams = new SimDatagrams(this.network, this.random, options.datagrams);
  }

  /** A machine with a free IPv4 address unless told otherwise; started, its engine listens. */
  async addMachine(options: Omit<SimMachineOptions, 'ip'> & { readonly ip?: string }): Promise<SimMachine> {
    const machine = new SimMachine(this, { ip: this.#freeIp(), ...options });
    this.machines.push(machine);
    await this.until(machine.start());
    return machine;
  }

  addMachines(count: number, options: Omit<SimMachineOptions, 'ip'>): Promise<SimMachine[]> {
    const numbers = Array.from({ length: count }, (_, index) => index);
    return Promise.all(
      numbers.map((number) => this.#addStarted({ ...options, name: `${options.name}-${number}` })),
    );
  }

  /** A host without an engine, for peers that are not ours. */
  addHost(options: Omit<SimHostOptions, 'addresses'>): SimHost {
    return this.network.addHost({ ...options, addresses: [this.#freeIp()] });
  }

  makePayload(options: Omit<PayloadOptions, 'seed' | 'platform'>): Payload {
    return makePayload({ seed: this.seed, platform: this.platform, ...options });
  }

  /** Lets time pass until the promise settles. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false;
    const settle = (): void => {
      settled = true;
    };
    promise.then(settle, settle);
    await this.clock.run({ until: () => settled });
    if (!settled)
      throw new Error(
        `nothing happens any more at ${this.clock.nowMs()} ms, and the promise is still pending`,
      );
    return promise;
  }

  /** Lets time pass until the condition holds; fails when it does not within `limitMs`. Returns how long it took, in ms. */
  async runUntil(what: string, holds: () => boolean, limitMs: number): Promise<number> {
    const fromMs = this.clock.nowMs();
    const untilMs = fromMs + limitMs;
    await this.clock.run({ untilMs, until: holds });
    if (!holds()) throw new Error(`not within ${limitMs} virtual ms: ${what}\n${this.#state()}`);
    return this.clock.nowMs() - fromMs;
  }

  async runFor(ms: number): Promise<void> {
    await this.clock.run({ untilMs: this.clock.nowMs() + ms });
  }

  /** Ends every process in order. */
  async close(): Promise<void> {
    await this.until(Promise.all(this.machines.map((machine) => machine.stop())));
  }

  /** Not driven here: several machines start side by side, and starting takes no virtual time. */
  async #addStarted(options: Omit<SimMachineOptions, 'ip'>): Promise<SimMachine> {
    const machine = new SimMachine(this, { ip: this.#freeIp(), ...options });
    this.machines.push(machine);
    await machine.start();
    return machine;
  }

  #freeIp(): string {
    this.#hostsAdded += 1;
    return `10.${this.#hostsAdded >> 16}.${(this.#hostsAdded >> 8) & 0xff}.${this.#hostsAdded & 0xff}`;
  }

  #state(): string {
    const lines = this.machines.map((machine) => {
      if (!machine.running) return `${machine.name}: down`;
      const torrents = machine.engine.snapshot().torrents.map((torrent) => {
        const peers = `${torrent.peers.length} peers`;
        const trouble = torrent.error === undefined ? '' : `, ${torrent.error.code}`;
        return `${torrent.phase} ${torrent.piecesVerified}/${torrent.pieceCount}, ${peers}${trouble}`;
      });
      return `${machine.name}: ${torrents.join('; ')}`;
    });
    return [...lines, 'log:', ...this.log.lines().slice(-LINES_SHOWN)].join('\n');
  }
}

const LINES_SHOWN = 12;

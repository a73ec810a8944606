import type { Hasher } from '@brine/piece-store';
import type { PeerAddress } from '@brine/wire';

import { Engine } from '../engine.ts';
import type { EngineEvents } from '../events.ts';
import type { AddTorrent, EngineOptions } from '../options.ts';
import type { Clock } from '../ports/clock.ts';
import type { TorrentSnapshot } from '../snapshot.ts';
import type { EventLog } from './event-log.ts';
import type { Payload, PayloadTorrent } from './payload.ts';
import type { SimClock } from './sim-clock.ts';
import type { SimDatagrams } from './sim-datagrams.ts';
import { SimDisk } from './sim-disk.ts';
import type { SimDiskOptions } from './sim-disk.ts';
import type { SimHost, SimHostOptions } from './sim-host.ts';
import type { SimHttp } from './sim-http.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRandom } from './sim-random.ts';

export interface SimMachineOptions extends Omit<SimHostOptions, 'addresses'> {
  /** The machine's address, IPv4 or IPv6. */
  readonly ip: string;
  /** Further addresses at which others reach it. */
  readonly otherIps?: readonly string[];
  /** Of the network that the address is on; default: of its own, shared with nobody. */
  readonly prefixLength?: number;
  readonly engine?: EngineOptions;
  readonly disk?: SimDiskOptions;
}

/** What machines share. */
export interface SimSurroundings {
  readonly clock: SimClock;
  readonly random: SimRandom;
  readonly network: SimNetwork;
  readonly datagrams: SimDatagrams;
  readonly http: SimHttp;
  readonly hasher: Hasher;
  readonly log: EventLog;
  readonly knownPieces: Map<string, Uint8Array>;
}

/** Where payloads stand on every machine. */
export const DIRECTORY = '/payloads';
const LISTEN_PORT = 6881;

/** A machine: a host, a disk, and a process in which the real engine runs. Processes come and go, the disk stays. */
export class SimMachine {
  readonly name: string;
  readonly address: PeerAddress;
  readonly host: SimHost;
  readonly disk: SimDisk;
  readonly #around: SimSurroundings;
  readonly #options: SimMachineOptions;
  #process: Process | undefined;
  #lives = 0;

  constructor(around: SimSurroundings, options: SimMachineOptions) {
    this.#around = around;
    this.#options = options;
    this.name = options.name;
    this.address = { ip: options.ip, port: LISTEN_PORT };
    this.host = around.network.addHost({
      ...options,
      addresses: [options.ip, ...(options.otherIps ?? [])],
    });
    this.disk = new SimDisk(around.clock, around.hasher, around.knownPieces, options.disk);
  }

  get #prefixLength(): number {
    return this.#options.prefixLength ?? (this.address.ip.includes(':') ? 128 : 32);
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  get engine(): Engine {
    if (this.#process === undefined) throw new Error(`${this.name} does not run`);
    return this.#process.engine;
  }

  /** Starts a process with an engine that listens. */
  async start(): Promise<Engine> {
    if (this.#process !== undefined) throw new Error(`${this.name} runs already`);
    const { clock, random, datagrams, http, hasher } = this.#around;
    this.#lives += 1;
    const own = random.split(`${this.name} life ${this.#lives}`);
    const ticking = new ProcessClock(clock, own.integer(0, 1e9));
    const disk = this.disk.mount();
    const udp = datagrams.of(this.host);
    const web = http.of(this.host);
    const engine = new Engine(
      {
        clock: ticking,
        random: own,
        network: this.host,
        interfaces: {
          list: () => [{ name: 'lan', ip: this.address.ip, prefixLength: this.#prefixLength, tunnel: false }],
        },
        datagrams: {
          bind: (...order) => ticking.whileAlive(udp.bind(...order)),
          joinGroup: (...order) => ticking.whileAlive(udp.joinGroup(...order)),
          resolve: (...order) => ticking.whileAlive(udp.resolve(...order)),
        },
        http: { get: (...order) => ticking.whileAlive(web.get(...order)) },
        storage: {
          open: (request) => ticking.whileAlive(disk.open(request)),
          close: () => disk.close(),
        },
        hasher,
      },
      this.#options.engine,
    );
    const completed = new Set<string>();
    engine.on('torrent-complete', ({ id }) => completed.add(id));
    this.#process = { engine, clock: ticking, disk, completed };
    this.#log(engine);
    await engine.listen({ ip: this.address.ip.includes(':') ? '::' : '0.0.0.0', port: LISTEN_PORT });
    return engine;
  }

  /** `kill -9`: the kernel resets connections, everything in memory is gone. */
  kill(): void {
    const process = this.#process;
    if (process === undefined) return;
    this.#process = undefined;
    this.#around.log.add(this.#around.clock.nowMs(), this.name, 'killed', {});
    process.engine.removeAllListeners();
    process.clock.kill();
    process.disk.kill();
    this.#around.datagrams.killSockets(this.host);
    this.host.killSockets();
  }

  /** The power goes: as `kill`, but nobody is told. `powerOn` and `start` bring the machine back. */
  powerOff(): void {
    this.host.powerOff();
    this.kill();
  }

  powerOn(): void {
    this.host.powerOn();
  }

  /** Ends the process in order. */
  async stop(): Promise<void> {
    const process = this.#process;
    if (process === undefined) return;
    await process.engine.close();
    process.engine.removeAllListeners();
    if (this.#process === process) this.#process = undefined;
  }

  /** Seeds a payload that stands on this machine. */
  seed(payload: Payload | PayloadTorrent, order: Partial<AddTorrent> = {}): string {
    this.disk.place(DIRECTORY, payload);
    return this.engine.add({ metainfo: payload.metainfo, directory: DIRECTORY, mode: 'seed', ...order });
  }

  /** Downloads a payload, from `peers` at first. */
  get(payload: PayloadTorrent, peers: readonly SimMachine[] = [], order: Partial<AddTorrent> = {}): string {
    const source = order.magnet === undefined ? { metainfo: payload.metainfo } : {};
    return this.engine.add({
      ...source,
      directory: DIRECTORY,
      mode: 'adopt',
      peers: peers.map((peer) => peer.address),
      ...order,
    });
  }

  torrent(payload: PayloadTorrent): TorrentSnapshot | undefined {
    return this.#process?.engine.torrent(payload.id);
  }

  /** True once the running engine has told of completion. Cheap: asked at every virtual millisecond. */
  completed(payload: PayloadTorrent): boolean {
    return this.#process?.completed.has(payload.id) === true;
  }

  #log(engine: Engine): void {
    const { log, clock } = this.#around;
    if (log.quiet) return;
    for (const name of Object.keys(LOGGED) as (keyof EngineEvents)[]) {
      engine.on(name, (fact: unknown) => log.add(clock.nowMs(), this.name, name, fact));
    }
  }
}

interface Process {
  readonly engine: Engine;
  readonly clock: ProcessClock;
  readonly disk: ReturnType<SimDisk['mount']>;
  readonly completed: Set<string>;
}

/** A process's clock: starts anywhere, and dies with the process. */
class ProcessClock implements Clock {
  readonly #clock: SimClock;
  readonly #offsetMs: number;
  #alive = true;

  constructor(clock: SimClock, offsetMs: number) {
    this.#clock = clock;
    this.#offsetMs = offsetMs;
  }

  nowMs(): number {
    return this.#clock.nowMs() + this.#offsetMs;
  }

  epochMs(): number {
    return this.#clock.epochMs();
  }

  schedule(delayMs: number, task: () => void): () => void {
    return this.#clock.schedule(delayMs, () => {
      if (this.#alive) task();
    });
  }

  /** A dead process hears of no answer any more: nothing in it goes on. */
  whileAlive<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(
        (value) => {
          if (this.#alive) resolve(value);
        },
        (error: unknown) => {
          if (this.#alive) reject(error);
        },
      );
    });
  }

  kill(): void {
    this.#alive = false;
  }
}

const LOGGED: Record<keyof EngineEvents, true> = {
  listening: true,
  'torrent-added': true,
  'torrent-removed': true,
  'metadata-received': true,
  'phase-changed': true,
  'check-progress': true,
  'piece-verified': true,
  'piece-corrupt': true,
  'torrent-complete': true,
  'peer-connected': true,
  'peer-disconnected': true,
  'peer-banned': true,
  'tracker-answered': true,
  'tracker-failed': true,
  trouble: true,
  'trouble-over': true,
};

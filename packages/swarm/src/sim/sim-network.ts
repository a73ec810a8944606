import type { PeerAddress } from '@brine/wire';

import type { Route, Transit, TransportOptions } from './flow.ts';
import { Link } from './link.ts';
import type { SimClock } from './sim-clock.ts';
import { SimHost } from './sim-host.ts';
import type { SimHostOptions } from './sim-host.ts';
import type { SimRandom } from './sim-random.ts';
import { SimStream } from './sim-stream.ts';
import { SlabPool } from './slab-pool.ts';

export interface SimNetworkOptions extends Partial<TransportOptions> {
  /** Established connections break at random, after this long on average. Default: never. */
  readonly breakMeanMs?: number;
  /** How long a caller waits for an answer, default 127 s as on Linux. */
  readonly connectTimeoutMs?: number;
}

/** A place with a line of its own to the rest of the world. */
export interface SimSite {
  readonly name: string;
  readonly up: Link;
  readonly down: Link;
  readonly latencyMs: number;
}

/**
 * The network: hosts, sites and the links between them. A route is the sender's line, the lines of both sites when they
 * differ, and the receiver's line; every flow shares every link that it crosses.
 */
export class SimNetwork implements Transit {
  readonly clock: SimClock;
  readonly slabs: SlabPool = new SlabPool();
  readonly transport: TransportOptions;
  /** Names that hosts can resolve. */
  readonly names: Map<string, readonly string[]> = new Map();
  readonly #random: SimRandom;
  readonly #options: SimNetworkOptions;
  readonly #hosts = new Map<string, SimHost>();

  constructor(clock: SimClock, random: SimRandom, options: SimNetworkOptions = {}) {
    this.clock = clock;
    this.#random = random.split('network');
    this.#options = options;
    this.transport = { ...TRANSPORT, ...options };
  }

  addLink(name: string, bytesPerSecond: number): Link {
    return new Link(this.clock, name, bytesPerSecond);
  }

  addSite(
    name: string,
    rates: { readonly up: number; readonly down: number; readonly latencyMs?: number },
  ): SimSite {
    return {
      name,
      up: this.addLink(`${name} site up`, rates.up),
      down: this.addLink(`${name} site down`, rates.down),
      latencyMs: rates.latencyMs ?? 10,
    };
  }

  addHost(options: SimHostOptions): SimHost {
    const host = new SimHost(this, options);
    for (const address of options.addresses) {
      if (this.#hosts.has(address)) throw new Error(`two hosts at ${address}`);
      this.#hosts.set(address, host);
    }
    return host;
  }

  /** Cuts the network into groups that do not reach each other; hosts in none of them stay together. No groups heal it. */
  partition(...groups: readonly (readonly SimHost[])[]): void {
    for (const host of new Set(this.#hosts.values())) {
      host.partition = 1 + groups.findIndex((group) => group.includes(host));
    }
    this.reachabilityChanged();
  }

  reachabilityChanged(): void {
    for (const host of new Set(this.#hosts.values())) host.recheck();
  }

  /** Who has this address, as `from` sees it. */
  hostAt(ip: string, from: SimHost): SimHost | undefined {
    return from.addresses.includes(ip) ? from : this.#hosts.get(ip);
  }

  latencyMs(from: SimHost, to: SimHost): number {
    if (from === to) return LOOPBACK_LATENCY_MS;
    const between = from.site === to.site ? 0 : (from.site?.latencyMs ?? 0) + (to.site?.latencyMs ?? 0);
    return from.latencyMs + to.latencyMs + between;
  }

  reaches(from: SimHost, to: SimHost): boolean {
    return from.powered && to.powered && from.partition === to.partition;
  }

  /** A call: one round trip to be connected or refused, silence when nobody is there. */
  dial(from: SimHost, to: PeerAddress): SimStream {
    const target = this.hostAt(to.ip, from);
    const caller = this.#stream(from, target ?? from, to, undefined);
    const timeoutMs = this.#options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
    const giveUp = this.clock.after(timeoutMs, {
      happen: () => caller.fail({ code: 'ETIMEDOUT', message: `${to.ip} does not answer` }),
    });
    if (target === undefined) return caller;
    const latencyMs = this.latencyMs(from, target);
    this.clock.schedule(latencyMs, () => {
      if (!this.reaches(from, target) || (target.dropsCalls && from !== target)) return;
      const server = target.listenerAt(to) === undefined ? undefined : this.#answer(caller, from, target, to);
      this.clock.schedule(latencyMs, () => {
        if (!this.reaches(from, target)) return;
        this.clock.cancel(giveUp);
        if (server === undefined)
          caller.fail({ code: 'ECONNREFUSED', message: `nobody listens at ${to.ip}` });
        else this.#establish(caller, server, target, to);
      });
    });
    return caller;
  }

  #answer(caller: SimStream, from: SimHost, target: SimHost, to: PeerAddress): SimStream {
    const source = from === target ? to.ip : (from.addresses.find((ip) => sameFamily(ip, to.ip)) ?? to.ip);
    const server = this.#stream(target, from, { ip: source, port: from.freePort() }, to);
    server.pairWith(caller);
    caller.pairWith(server);
    return server;
  }

  #establish(caller: SimStream, server: SimStream, target: SimHost, to: PeerAddress): void {
    const accept = target.listenerAt(to);
    if (caller.gone || server.gone || accept === undefined) {
      server.orphan(true);
      return;
    }
    // Scheduled before the caller can send: data never overtakes the last step of the handshake.
    this.clock.schedule(server.latencyMs, () => {
      if (server.gone) return;
      server.establish(to);
      accept(server);
    });
    caller.connect(server.remote);
    this.#breakSomeday(caller);
  }

  #breakSomeday(stream: SimStream): void {
    const mean = this.#options.breakMeanMs;
    if (mean === undefined) return;
    this.clock.schedule(this.#random.exponential(mean), () => {
      if (!stream.gone) stream.break();
    });
  }

  #stream(owner: SimHost, other: SimHost, remote: PeerAddress, local: PeerAddress | undefined): SimStream {
    const stream = new SimStream({
      transit: this,
      route: this.#route(owner, other),
      remote,
      local,
      forget: (gone) => owner.forget(gone),
    });
    owner.adopt(stream);
    return stream;
  }

  #route(from: SimHost, to: SimHost): Route {
    const latencyMs = this.latencyMs(from, to);
    const open = (): boolean => this.reaches(from, to);
    if (from === to) return { links: [from.loopback], latencyMs, open };
    const crossed = from.site === to.site ? [] : [from.site?.up, to.site?.down];
    const further = [...crossed, to.down].filter((link) => link !== undefined);
    return { links: [from.up, ...further], latencyMs, open };
  }
}

const TRANSPORT: TransportOptions = {
  segmentMax: 65536,
  segmentMin: 4096,
  messageWeight: 1,
  windowMax: 1 << 20,
  overwrite: true,
  queueMs: 100,
  retransmitTimeoutMs: 60_000,
};
const CONNECT_TIMEOUT_MS = 127_000;
const LOOPBACK_LATENCY_MS = 0.02;

function sameFamily(a: string, b: string): boolean {
  return a.includes(':') === b.includes(':');
}

import type { PeerAddress } from '@brine/wire';

import type { ByteStream, Listener, Network } from '../ports/network.ts';
import type { Link } from './link.ts';
import type { SimNetwork, SimSite } from './sim-network.ts';
import type { SimStream } from './sim-stream.ts';

/** What a host is plugged into. Rates in bytes per second, default unlimited. */
export interface SimHostOptions {
  readonly name: string;
  /** IPv4 and IPv6 addresses as text; loopback addresses come by themselves. */
  readonly addresses: readonly string[];
  readonly upBytesPerSecond?: number;
  readonly downBytesPerSecond?: number;
  /** One way, from the host to the middle of the network; default 5 ms. */
  readonly latencyMs?: number;
  /** Hosts of one site reach each other directly, everybody else through the site's line. */
  readonly site?: SimSite;
}

/** A host: its addresses, its line, its sockets. As a `Network` it is what an engine on it sees. */
export class SimHost implements Network {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly up: Link;
  readonly down: Link;
  readonly loopback: Link;
  readonly latencyMs: number;
  readonly site: SimSite | undefined;
  /** Connections that this host has asked for so far. */
  callsMade = 0;
  /** Answers nobody who calls from outside, like a firewall that drops: half-open connections for the caller. */
  dropsCalls = false;
  /** Hosts reach each other only within the same partition. */
  partition = 0;
  readonly #network: SimNetwork;
  readonly #listeners = new Map<string, (stream: ByteStream) => void>();
  readonly #streams = new Set<SimStream>();
  #powered = true;
  #nextPort = 49152;

  constructor(network: SimNetwork, options: SimHostOptions) {
    this.#network = network;
    this.name = options.name;
    this.addresses = [...options.addresses, '127.0.0.1', '::1'];
    this.up = network.addLink(`${options.name} up`, options.upBytesPerSecond ?? Infinity);
    this.down = network.addLink(`${options.name} down`, options.downBytesPerSecond ?? Infinity);
    this.loopback = network.addLink(`${options.name} loopback`, Infinity);
    this.latencyMs = options.latencyMs ?? 5;
    this.site = options.site;
  }

  get powered(): boolean {
    return this.#powered;
  }

  /** Connections in any state, callers that wait for an answer included. */
  get streamCount(): number {
    return this.#streams.size;
  }

  listen(at: PeerAddress, accept: (stream: ByteStream) => void): Promise<Listener> {
    if (!isWildcard(at.ip) && !this.addresses.includes(at.ip)) {
      return Promise.reject(systemError('EADDRNOTAVAIL', `${at.ip} is not an address of ${this.name}`));
    }
    const address = { ip: at.ip, port: at.port === 0 ? this.freePort() : at.port };
    const key = keyOf(address);
    if (this.#listeners.has(key)) return Promise.reject(systemError('EADDRINUSE', `${key} is taken`));
    this.#listeners.set(key, accept);
    const close = (): Promise<void> => {
      if (this.#listeners.get(key) === accept) this.#listeners.delete(key);
      return Promise.resolve();
    };
    return Promise.resolve({ address, close });
  }

  connect(to: PeerAddress): ByteStream {
    this.callsMade += 1;
    return this.#network.dial(this, to);
  }

  /** What listens at one of this host's addresses. */
  listenerAt(address: PeerAddress): ((stream: ByteStream) => void) | undefined {
    const { ip, port } = address;
    const any = ip.includes(':') ? undefined : this.#listeners.get(keyOf({ ip: '0.0.0.0', port }));
    return this.#listeners.get(keyOf(address)) ?? any ?? this.#listeners.get(keyOf({ ip: '::', port }));
  }

  freePort(): number {
    this.#nextPort = this.#nextPort === 65535 ? 49152 : this.#nextPort + 1;
    return this.#nextPort;
  }

  adopt(stream: SimStream): void {
    this.#streams.add(stream);
  }

  forget(stream: SimStream): void {
    this.#streams.delete(stream);
  }

  /** The process that owned the sockets was killed: its kernel resets every connection; the dead process hears nothing. */
  killSockets(): void {
    this.#listeners.clear();
    for (const stream of this.#streams) stream.orphan(true);
  }

  /** A power cut, or a pulled cable for good: silence. Others find out by their time-outs. */
  powerOff(): void {
    this.#powered = false;
    this.#listeners.clear();
    for (const stream of this.#streams) stream.orphan(false);
  }

  powerOn(): void {
    this.#powered = true;
    this.#network.reachabilityChanged();
  }

  recheck(): void {
    for (const stream of this.#streams) stream.recheck();
  }
}

function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || ip === '::';
}

function keyOf(address: PeerAddress): string {
  return `${address.ip} ${address.port}`;
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}

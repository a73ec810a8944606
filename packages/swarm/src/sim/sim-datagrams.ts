import type { PeerAddress } from '@brine/wire';

import type { Datagram, DatagramSocket, Datagrams } from '../ports/datagrams.ts';
import type { SimHost } from './sim-host.ts';
import { SimMulticast } from './sim-multicast.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRandom } from './sim-random.ts';

export interface SimDatagramsOptions {
  /** Probability that a datagram is lost, 0 (default) to 1. */
  readonly loss?: number;
}

/** UDP over the simulated network: latency, loss, partitions; too small to compete for the links. */
export class SimDatagrams {
  readonly #network: SimNetwork;
  readonly #random: SimRandom;
  readonly #loss: number;
  readonly #sockets = new Map<SimHost, Map<string, (datagram: Datagram) => void>>();
  readonly #multicast: SimMulticast;

  constructor(network: SimNetwork, random: SimRandom, options: SimDatagramsOptions = {}) {
    this.#network = network;
    this.#random = random.split('datagrams');
    this.#loss = options.loss ?? 0;
    this.#multicast = new SimMulticast(network, random, this.#loss);
  }

  /** The port as programs on `host` see it. */
  of(host: SimHost): Datagrams {
    return {
      bind: (at, received) => this.#bind(host, at, received),
      joinGroup: (group, member) => Promise.resolve(this.#multicast.join(host, group, member)),
      resolve: (name) => this.#resolve(name),
    };
  }

  /** The sockets of a killed process. */
  killSockets(host: SimHost): void {
    this.#sockets.delete(host);
    this.#multicast.leave(host);
  }

  #bind(host: SimHost, at: PeerAddress, received: (datagram: Datagram) => void): Promise<DatagramSocket> {
    const sockets = this.#sockets.get(host) ?? new Map<string, (datagram: Datagram) => void>();
    this.#sockets.set(host, sockets);
    const address = { ip: at.ip, port: at.port === 0 ? host.freePort() : at.port };
    const key = `${address.ip} ${address.port}`;
    if (sockets.has(key)) {
      return Promise.reject(Object.assign(new Error(`EADDRINUSE: ${key}`), { code: 'EADDRINUSE' }));
    }
    sockets.set(key, received);
    return Promise.resolve({
      address,
      send: (bytes, to) => this.#send(host, address, bytes, to),
      close: () => {
        if (sockets.get(key) === received) sockets.delete(key);
      },
    });
  }

  #send(from: SimHost, bound: PeerAddress, bytes: Uint8Array, to: PeerAddress): void {
    const target = this.#network.hostAt(to.ip, from);
    if (target === undefined || this.#random.next() < this.#loss) return;
    const ip = sourceOf(from, target, bound, to);
    if (ip === undefined) return;
    const datagram = { bytes: bytes.slice(), from: { ip, port: bound.port } };
    this.#network.clock.schedule(this.#network.latencyMs(from, target), () => {
      if (!this.#network.reaches(from, target)) return;
      const sockets = this.#sockets.get(target);
      const any = to.ip.includes(':') ? '::' : '0.0.0.0';
      (sockets?.get(`${to.ip} ${to.port}`) ?? sockets?.get(`${any} ${to.port}`))?.(datagram);
    });
  }

  #resolve(name: string): Promise<readonly string[]> {
    const addresses = IP.test(name) ? [name] : this.#network.names.get(name);
    if (addresses === undefined) return Promise.reject(new Error(`ENOTFOUND: ${name}`));
    return Promise.resolve(addresses);
  }
}

const IP = /^[0-9.]+$|:/u;

/** The address that the receiver sees: undefined when the socket cannot send to that family. */
function sourceOf(from: SimHost, target: SimHost, bound: PeerAddress, to: PeerAddress): string | undefined {
  if (bound.ip.includes(':') !== to.ip.includes(':')) return undefined;
  if (bound.ip !== '0.0.0.0' && bound.ip !== '::') return bound.ip;
  if (from === target) return to.ip;
  return from.addresses.find((ip) => ip.includes(':') === to.ip.includes(':'));
}

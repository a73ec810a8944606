import { inside, ip, outputInside } from './iproute.ts';
import { Keeper } from './keeper.ts';

/** One machine of a private network: a network namespace with one address. */
export interface Host {
  /** Its IPv4 address. Not 127/8: Transmission refuses such peers. */
  readonly ip: string;
  /** Put before a command to run it on this host. It replaces itself, so the process id is the command's own. */
  readonly prefix: readonly string[];
  /** Bytes that have arrived at this host so far, headers included. */
  receivedBytes(): Promise<number>;
}

/** The host that a namespace is when its device `eth0` is up. */
export function hostIn(namespace: string, address: string): Host {
  return {
    ip: address,
    prefix: inside(namespace),
    receivedBytes: async () =>
      Number(await outputInside(namespace, ['cat', '/sys/class/net/eth0/statistics/rx_bytes'])),
  };
}

/**
 * A switch with hosts, made of network namespaces (`ip netns`, needs root). Every host has its own address, so the ways in which clients
 * choose their source address, and their rules about several peers behind one address, do not disturb. Removed by `close`, at the latest
 * when this process ends.
 */
export class PrivateNetwork implements AsyncDisposable {
  readonly #keeper: Keeper;
  readonly #switch: string;
  #hosts = 0;

  private constructor(keeper: Keeper, switchNamespace: string) {
    this.#keeper = keeper;
    this.#switch = switchNamespace;
  }

  static async create(): Promise<PrivateNetwork> {
    const keeper = new Keeper();
    const network = new PrivateNetwork(keeper, await keeper.namespace('switch'));
    await ip(network.#switch, ['link add bridge type bridge mcast_snooping 0', 'link set bridge up']);
    return network;
  }

  /** Adds a host. What others send by multicast does not reach one that is `deaf`. */
  async host(options: { readonly deaf?: boolean } = {}): Promise<Host> {
    this.#hosts += 1;
    const number = this.#hosts;
    const name = await this.#keeper.namespace(`host${number}`);
    const address = `10.77.1.${number}`;
    await ip(this.#switch, [
      `link add port${number} type veth peer name eth0 netns ${name}`,
      `link set port${number} master bridge up`,
      `link set port${number} type bridge_slave mcast_flood ${options.deaf === true ? 'off' : 'on'}`,
    ]);
    await ip(name, [
      `addr add ${address}/24 dev eth0`,
      'link set eth0 up',
      'route add default via 10.77.1.254 dev eth0 onlink',
    ]);
    return hostIn(name, address);
  }

  /** Ends what still runs on the hosts and removes them. Idempotent. */
  close(): Promise<void> {
    return this.#keeper.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

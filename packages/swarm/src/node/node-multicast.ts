/*
 * One membership of a multicast group with node:dgram. One socket hears the group on all links. Each link has a socket of its own to
 * send with, because a socket's outgoing interface is a setting that the next send, to another link, would overtake.
 */
import { createSocket, type Socket } from 'node:dgram';
import { BlockList } from 'node:net';

import type { PeerAddress } from '@brine/wire';

import type { GroupMember, MulticastSocket } from '../ports/datagrams.ts';
import type { MulticastLink } from './multicast-links.ts';
import { receivedDatagram } from './received-datagram.ts';

/**
 * The link and no further. BEP 14 suggests more, but its IPv4 group is scoped to the whole organisation (RFC 2365): where routers
 * forward multicast, announces would cross the lines between sites, and machines far away would count as neighbours.
 */
const HOPS_MAX = 1;
/** How often the links are looked at. It takes a few system calls; and when a machine starts, its network is often up a moment later. */
const REFRESH_MS = 5_000;

export interface NodeMulticastOptions {
  readonly group: PeerAddress;
  readonly member: GroupMember;
  /** The machine's links as they are now, of both families. */
  readonly links: () => readonly MulticastLink[];
}

export class NodeMulticast implements MulticastSocket {
  readonly #options: NodeMulticastOptions;
  readonly #family: 4 | 6;
  /** By `interface`. */
  readonly #links = new Map<string, MulticastLink>();
  /** By `interface` and own address. */
  readonly #senders = new Map<string, Socket>();
  #timer: NodeJS.Timeout | undefined;
  #receiver: Socket | undefined;
  #neighbours = new BlockList();
  #closed = false;

  /** Resolves when those links are joined that there are. Never rejects. */
  static async join(options: NodeMulticastOptions): Promise<NodeMulticast> {
    const multicast = new NodeMulticast(options);
    await multicast.#bindReceiver();
    multicast.#followLinks();
    multicast.#timer = setInterval(() => void multicast.refresh(), REFRESH_MS).unref();
    return multicast;
  }

  private constructor(options: NodeMulticastOptions) {
    this.#options = options;
    this.#family = familyOf(options.group.ip);
  }

  send(bytes: Uint8Array, from?: string): boolean {
    if (this.#closed) return false;
    const { ip, port } = this.#options.group;
    const links = [...this.#links.values()].filter(
      ({ addresses }) => from === undefined || addresses.includes(from),
    );
    for (const link of links) this.#senderOn(link, from).send(bytes, port, ip, ignoreLoss);
    return links.length > 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#timer);
    this.#receiver?.close();
    for (const sender of this.#senders.values()) sender.close();
    this.#senders.clear();
  }

  /** Follows the machine's links as they come and go; by a timer, or when somebody knows that they did. Never rejects. */
  async refresh(): Promise<void> {
    await this.#bindReceiver();
    if (this.#closed) return;
    if (this.#followLinks()) this.#options.member.linkJoined();
  }

  /** True when there is a link that was not there before. */
  #followLinks(): boolean {
    const links = this.#listLinks();
    const before = [...this.#links.values()];
    this.#links.clear();
    this.#neighbours = new BlockList();
    for (const link of links) this.#links.set(link.interface, link);
    // Those that are gone first: a changed address is the same interface to the system, which has room for one membership of it.
    for (const link of before) if (!this.#links.has(link.interface)) this.#leave(link);
    for (const link of links) this.#enter(link);
    return links.some((link) => !before.some((known) => known.interface === link.interface));
  }

  /** None where the system does not tell, as in some sandboxes. */
  #listLinks(): readonly MulticastLink[] {
    let links: readonly MulticastLink[] = [];
    attempt(() => {
      links = this.#options.links();
    });
    return links.filter(({ family }) => family === this.#family);
  }

  #enter(link: MulticastLink): void {
    for (const { ip, prefixLength } of link.networks)
      this.#neighbours.addSubnet(ip, prefixLength, `ipv${this.#family}`);
    attempt(() => this.#receiver?.addMembership(this.#options.group.ip, link.interface));
  }

  #leave(link: MulticastLink): void {
    attempt(() => this.#receiver?.dropMembership(this.#options.group.ip, link.interface));
    for (const ip of [undefined, ...link.addresses]) {
      const key = senderKey(link, ip);
      this.#senders.get(key)?.close();
      this.#senders.delete(key);
    }
  }

  async #bindReceiver(): Promise<void> {
    if (this.#receiver !== undefined) return;
    const receiver = await bindShared(this.#options.group);
    if (this.#closed) receiver?.close();
    else this.#receiver = receiver;
    receiver?.on('message', (bytes, from) => {
      const datagram = receivedDatagram(bytes, from);
      if (this.#neighbours.check(datagram.from.ip, `ipv${this.#family}`))
        this.#options.member.received(datagram);
    });
  }

  /** Bound when first needed; what is sent before that waits for it. */
  #senderOn(link: MulticastLink, from: string | undefined): Socket {
    const key = senderKey(link, from);
    const known = this.#senders.get(key);
    if (known !== undefined) return known;
    const sender = createSocket({ type: `udp${this.#family}`, ipv6Only: this.#family === 6 });
    this.#senders.set(key, sender);
    const forget = (): void => {
      if (this.#senders.get(key) === sender) this.#senders.delete(key);
      attempt(() => sender.close());
    };
    sender.on('error', forget);
    // For IPv6 the system chooses the best of the interface's addresses.
    const address = from ?? (this.#family === 6 ? '::' : link.interface);
    sender.bind({ address, port: 0, exclusive: true }, () => {
      const settled = attempt(() => {
        sender.setMulticastInterface(link.interface);
        sender.setMulticastTTL(HOPS_MAX);
        sender.setMulticastLoopback(true);
      });
      if (!settled) forget();
    });
    return sender;
  }
}

/**
 * A socket at the group's port beside those of other programs; undefined when one of them wants it for itself. Bound to the group's
 * address it hears nothing else; Windows binds none but own addresses.
 */
function bindShared(group: PeerAddress): Promise<Socket | undefined> {
  const six = familyOf(group.ip) === 6;
  const any = six ? '::' : '0.0.0.0';
  const address = process.platform === 'win32' ? any : group.ip;
  return new Promise((resolve) => {
    const socket = createSocket({ type: six ? 'udp6' : 'udp4', reuseAddr: true, ipv6Only: six });
    const fail = (): void => {
      attempt(() => socket.close());
      resolve(undefined);
    };
    socket.once('error', fail);
    socket.bind({ address, port: group.port, exclusive: true }, () => {
      socket.off('error', fail);
      socket.on('error', ignoreLoss);
      resolve(socket);
    });
  });
}

function familyOf(ip: string): 4 | 6 {
  return ip.includes(':') ? 6 : 4;
}

function senderKey(link: MulticastLink, from: string | undefined): string {
  return `${link.interface} ${from ?? 'any'}`;
}

/** Links vanish between being listed and being used, and some know no multicast: nothing is to be done about either. */
function attempt(step: () => void): boolean {
  try {
    step();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}

function ignoreLoss(): void {
  // Failures to send are losses, and UDP loses: whoever needs an answer sends again.
}

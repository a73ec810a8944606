import type { PeerAddress } from '@brine/wire';

import type { GroupMember, MulticastSocket } from '../ports/datagrams.ts';
import type { SimHost } from './sim-host.ts';
import type { SimNetwork, SimSite } from './sim-network.ts';
import type { SimRandom } from './sim-random.ts';

/** How far multicast reaches: a site is one link; a host without a site has nobody beside it. */
type SimLink = SimSite | SimHost;

interface Membership {
  readonly host: SimHost;
  readonly group: PeerAddress;
  readonly member: GroupMember;
}

/** Multicast among the hosts of a site. Members hear a datagram in the order in which they joined. */
export class SimMulticast {
  readonly #network: SimNetwork;
  readonly #random: SimRandom;
  readonly #loss: number;
  readonly #links = new Map<SimLink, Set<Membership>>();

  /** `loss` is the probability that one receiver misses a datagram. */
  constructor(network: SimNetwork, random: SimRandom, loss: number) {
    this.#network = network;
    this.#random = random.split('multicast');
    this.#loss = loss;
  }

  join(host: SimHost, group: PeerAddress, member: GroupMember): MulticastSocket {
    const membership = { host, group, member };
    const members = this.#membersAt(host);
    if (host.addresses.some((ip) => isOnLink(ip, group))) members.add(membership);
    return {
      send: (bytes, from) => this.#send(membership, bytes, from),
      close: () => {
        members.delete(membership);
      },
    };
  }

  /** The memberships of a killed process end. */
  leave(host: SimHost): void {
    const members = this.#membersAt(host);
    for (const membership of members) if (membership.host === host) members.delete(membership);
  }

  #membersAt(host: SimHost): Set<Membership> {
    const link = host.site ?? host;
    const members = this.#links.get(link) ?? new Set();
    this.#links.set(link, members);
    return members;
  }

  #send(sender: Membership, bytes: Uint8Array, from: string | undefined): boolean {
    const { host, group } = sender;
    const members = this.#membersAt(host);
    const ip = host.addresses.find((each) => isOnLink(each, group) && each === (from ?? each));
    if (ip === undefined || !members.has(sender)) return false;
    for (const receiver of members) {
      if (receiver.group.ip !== group.ip || receiver.group.port !== group.port) continue;
      if (this.#random.next() < this.#loss) continue;
      const datagram = { bytes: bytes.slice(), from: { ip, port: group.port } };
      this.#network.clock.schedule(this.#network.latencyMs(host, receiver.host), () => {
        if (members.has(receiver) && this.#network.reaches(host, receiver.host))
          receiver.member.received(datagram);
      });
    }
    return true;
  }
}

/** An address of the group's family with which a host is on a link with others. */
function isOnLink(ip: string, group: PeerAddress): boolean {
  return ip.includes(':') === group.ip.includes(':') && ip !== '127.0.0.1' && ip !== '::1';
}

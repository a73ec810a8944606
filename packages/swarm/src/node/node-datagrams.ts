import { createSocket, type Socket } from 'node:dgram';
import { isIPv6, SocketAddress } from 'node:net';

import type { PeerAddress } from '@brine/wire';

import type {
  Datagram,
  Datagrams,
  DatagramSocket,
  GroupMember,
  MulticastSocket,
  ResolveOptions,
} from '../ports/datagrams.ts';
import { HttpError } from '../ports/http.ts';

import { HostPolicy, type NameLookup, systemLookup } from './host-policy.ts';
import { type MulticastLink, multicastLinks } from './multicast-links.ts';
import { NodeMulticast } from './node-multicast.ts';
import { receivedDatagram } from './received-datagram.ts';

export interface NodeDatagramsOptions {
  /** Which resolved addresses may be contacted. Default: a `HostPolicy` without loopback. */
  readonly hostPolicy?: HostPolicy;
  /** Name resolution. Default: the system's. */
  readonly lookup?: NameLookup;
  /** The links on which multicast groups are joined, as they are now. Default: the system's, without loopback and tunnels. */
  readonly links?: () => readonly MulticastLink[];
}

/** UDP by node:dgram. A bound socket keeps the process alive until it is closed. */
export class NodeDatagrams implements Datagrams {
  readonly #hostPolicy: HostPolicy;
  readonly #lookup: NameLookup;
  readonly #links: () => readonly MulticastLink[];

  constructor(options: NodeDatagramsOptions = {}) {
    this.#hostPolicy = options.hostPolicy ?? new HostPolicy();
    this.#lookup = options.lookup ?? systemLookup;
    this.#links = options.links ?? multicastLinks;
  }

  bind(at: PeerAddress, received: (datagram: Datagram) => void): Promise<DatagramSocket> {
    return new Promise((resolve, reject) => {
      // ipv6Only: else addresses of IPv4 senders would arrive in mapped form, and `::` would collide with `0.0.0.0`.
      const socket = isIPv6(at.ip) ? createSocket({ type: 'udp6', ipv6Only: true }) : createSocket('udp4');
      socket.once('error', reject);
      socket.bind({ address: at.ip, port: at.port }, () => {
        socket.off('error', reject);
        resolve(new NodeDatagramSocket(socket, received));
      });
    });
  }

  joinGroup(group: PeerAddress, member: GroupMember): Promise<MulticastSocket> {
    return NodeMulticast.join({ group, member, links: this.#links });
  }

  async resolve(host: string, options: ResolveOptions = {}): Promise<readonly string[]> {
    const found = await this.#lookup(host);
    const addresses = found.map(({ address, family }) => canonical(address, family));
    const allowed = addresses.filter((ip) => this.#hostPolicy.allows(ip, options.trusted ?? false));
    if (allowed.length > 0) return [...new Set(allowed)];
    throw new HttpError(
      'host-refused',
      `${host} is ${addresses.join(', ')}, which must not be contacted for a torrent`,
    );
  }
}

class NodeDatagramSocket implements DatagramSocket {
  readonly address: PeerAddress;
  readonly #socket: Socket;
  #closed = false;

  constructor(socket: Socket, received: (datagram: Datagram) => void) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.address = { ip: address, port };
    socket.on('message', (bytes, from) => {
      received(receivedDatagram(bytes, from));
    });
    socket.on('error', ignoreLoss);
  }

  send(bytes: Uint8Array, to: PeerAddress): void {
    // dgram throws for port 0 and for a closed socket; both are lost datagrams to the caller.
    if (this.#closed || to.port < 1 || to.port > 65_535) return;
    this.#socket.send(bytes, to.port, to.ip, ignoreLoss);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}

function ignoreLoss(): void {
  // Failures to send are losses, and UDP loses: whoever needs an answer sends again.
}

/** The one text form of an address that the platform itself uses, whatever zeros the resolver (or the host as typed) left in. */
function canonical(address: string, family: number): string {
  const ip = address.split('%', 1)[0] ?? '';
  return new SocketAddress({ address: ip, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
}

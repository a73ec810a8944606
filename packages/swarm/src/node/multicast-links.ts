import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';

import { isLinkLocal6 } from '../peers/address-kind.ts';
import { describe } from './node-interfaces.ts';

/** A way to be member of a multicast group: for IPv4 an address of an interface, for IPv6 the whole interface. */
export interface MulticastLink {
  readonly family: 4 | 6;
  /** As the operating system wants to be told: the address, or `::%zone`. Unique among the links of a machine. */
  readonly interface: string;
  /** Our addresses on it that others can dial. At least one. */
  readonly addresses: readonly string[];
  /** Where its other hosts are. */
  readonly networks: readonly { readonly ip: string; readonly prefixLength: number }[];
}

/** Links that are used: Linux allows 20 memberships of a socket, and hosts of many containers have hundreds of bridges. */
export const MULTICAST_LINKS_MAX = 16;

/** This machine's links with others, without loopback and tunnels. `all` and `platform` are for tests. */
export function multicastLinks(
  all: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces(),
  platform: NodeJS.Platform = process.platform,
): readonly MulticastLink[] {
  const links: MulticastLink[] = [];
  for (const [name, infos = []] of Object.entries(all)) {
    const outward = infos.filter((info) => !info.internal && isLan(name, info));
    links.push(...linksOf4(outward), ...linksOf6(name, outward, platform));
  }
  return links.slice(0, MULTICAST_LINKS_MAX);
}

function isLan(name: string, info: NetworkInterfaceInfo): boolean {
  return describe(name, info).every(({ tunnel }) => !tunnel);
}

function linksOf4(infos: readonly NetworkInterfaceInfo[]): MulticastLink[] {
  return infos
    .filter(({ family }) => family === 'IPv4')
    .map((info) => ({
      family: 4,
      interface: info.address,
      addresses: [info.address],
      networks: [networkOf(info)],
    }));
}

/** A link-local address is worth nothing to others without its zone, which is theirs and not ours: it is not announced from. */
function linksOf6(
  name: string,
  infos: readonly NetworkInterfaceInfo[],
  platform: NodeJS.Platform,
): MulticastLink[] {
  const all = infos.filter((info) => info.family === 'IPv6');
  const usable = all.filter(({ address }) => !isLinkLocal6(address));
  // Windows knows zones by number, and only the link-local address tells it.
  const zone = platform === 'win32' ? all.find(({ scopeid }) => scopeid !== 0)?.scopeid : name;
  if (usable.length === 0 || zone === undefined) return [];
  return [
    {
      family: 6,
      interface: `::%${zone}`,
      addresses: usable.map(({ address }) => address),
      networks: usable.map(networkOf),
    },
  ];
}

/** DHCPv6 gives single addresses; the link's network is a /64 all the same (RFC 4291, 2.5.4). */
function networkOf({ address, cidr, family }: NetworkInterfaceInfo): { ip: string; prefixLength: number } {
  const prefixLength = Number(/\d+$/.exec(cidr ?? '')?.[0] ?? Infinity);
  return { ip: address, prefixLength: Math.min(prefixLength, family === 'IPv4' ? 32 : 64) };
}

import { networkInterfaces } from 'node:os';
import type { NetworkInterfaceInfo } from 'node:os';

import { normalizeIp } from '@brine/wire';

import type { InterfaceAddress, Interfaces } from '../ports/interfaces.ts';

/** The interfaces that the operating system tells of. */
export class NodeInterfaces implements Interfaces {
  list(): readonly InterfaceAddress[] {
    return Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
      infos.flatMap((info) => describe(name, info)),
    );
  }
}

/** Addresses with a zone (link-local IPv6) name a network only together with it, and peers are never told of them. */
export function describe(name: string, info: NetworkInterfaceInfo): InterfaceAddress[] {
  const ip = normalizeIp(info.address);
  const prefix = /\/(\d{1,3})$/.exec(info.cidr ?? '')?.[1];
  if (ip === undefined || prefix === undefined) return [];
  return [{ name, ip, prefixLength: Number(prefix), tunnel: isTunnel(name, info) }];
}

/** Point-to-point interfaces have no hardware address (but loopback has none either); TAP devices have one, and tell by their name. */
function isTunnel(name: string, { mac, internal }: NetworkInterfaceInfo): boolean {
  if (internal) return false;
  return mac === '00:00:00:00:00:00' || TUNNEL_NAME.test(name);
}

/** Names that VPN products give their interfaces, on Linux, macOS and Windows. */
const TUNNEL_NAME =
  /^(?:tun|tap|wg|ppp|pptp|ipsec|utun|zt|tailscale|nordlynx|gre|sit|ip6tnl|wwan|vpn|cscotun|gpd)\d*|vpn|tap-windows|wintun|wireguard|tailscale|zerotier|anyconnect|globalprotect|fortinet|teredo|isatap/i;

import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';

/*
 * Trackers are named by torrents, and torrents come from strangers: without a rule, a torrent could make a machine inside a
 * company talk to services that only that machine can reach (SSRF). The rule is about the address that is really connected,
 * after name resolution, so that a name which changes its answer (DNS rebinding) gains nothing:
 *
 * - never: link-local (where clouds keep their metadata services), unspecified, multicast and broadcast addresses, and the same
 *   behind IPv4-mapped or NAT64 addresses;
 * - loopback: only for hosts that an administrator named, or when the engine was told to allow it;
 * - private ranges (10/8, 172.16/12, 192.168/16, fc00::/7): allowed, because company networks are what this engine is for.
 */

export interface HostPolicyOptions {
  /** Loopback addresses may be contacted whoever named them. Default false. */
  readonly allowLoopback?: boolean;
}

/** An address of a host, as name resolution gives it. */
export interface HostAddress {
  readonly address: string;
  readonly family: number;
}

/** Name resolution: all addresses of a host, the preferred ones first. Rejects when there is none. */
export type NameLookup = (host: string) => Promise<readonly HostAddress[]>;

/** The system's name resolution: its hosts file, then whatever it is configured to ask. */
export const systemLookup: NameLookup = (host) => lookup(host, { all: true });

/** Decides which addresses may be contacted on a torrent's behalf. Stateless after construction. */
export class HostPolicy {
  readonly #allowLoopback: boolean;

  constructor(options: HostPolicyOptions = {}) {
    this.#allowLoopback = options.allowLoopback ?? false;
  }

  /** Whether a connection to `ip` may be made; `trusted` when an administrator named the host. Text that is no address is refused. */
  allows(ip: string, trusted: boolean): boolean {
    const family = isIP(ip);
    if (family === 0) return false;
    const type = family === 4 ? 'ipv4' : 'ipv6';
    if (never.check(ip, type)) return false;
    return trusted || this.#allowLoopback || !loopback.check(ip, type);
  }
}

// A BlockList checks IPv4-mapped IPv6 addresses against its IPv4 rules by itself; NAT64 (RFC 6052) needs rules of its own.
const never = blockList([
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['::', 128],
  ['fe80::', 10],
  ['ff00::', 8],
  ['64:ff9b::', 104],
  ['64:ff9b::169.254.0.0', 112],
  ['64:ff9b::224.0.0.0', 100],
  ['64:ff9b::255.255.255.255', 128],
  // The metadata service of one big cloud over IPv6: in a private range, but link-local in purpose.
  ['fd00:ec2::254', 128],
]);

const loopback = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
  ['64:ff9b::127.0.0.0', 104],
]);

function blockList(subnets: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of subnets) list.addSubnet(net, prefix, isIP(net) === 4 ? 'ipv4' : 'ipv6');
  return list;
}

/** The addresses of a simulated fleet: each site has a network of its own within 10.0.0.0/8, the origin one apart. */
export interface FleetAddresses {
  readonly origin: string;
  /** Addresses of the hosts of each site, in order. */
  readonly sites: readonly (readonly string[])[];
  /** Network of each site, `10.0.0.0/28`. */
  readonly networks: readonly string[];
  /** Length of each network's prefix. */
  readonly prefixLengths: readonly number[];
}

/** `hostCounts` of the sites; throws `RangeError` when they do not fit. */
export function addressesFor(hostCounts: readonly number[]): FleetAddresses {
  let next = 0;
  const sites: string[][] = [];
  const networks: string[] = [];
  const prefixLengths: number[] = [];
  for (const hosts of hostCounts) {
    const bits = Math.max(2, Math.ceil(Math.log2(hosts + 2)));
    const size = 2 ** bits;
    const base = Math.ceil(next / size) * size;
    next = base + size;
    if (next > ADDRESSES) throw new RangeError('the fleet needs more addresses than 10.0.0.0/8 has');
    sites.push(Array.from({ length: hosts }, (_, host) => textOf(base + 1 + host)));
    networks.push(`${textOf(base)}/${32 - bits}`);
    prefixLengths.push(32 - bits);
  }
  return { origin: '172.16.0.1', sites, networks, prefixLengths };
}

const ADDRESSES = 2 ** 24;

function textOf(offset: number): string {
  return `10.${offset >> 16}.${(offset >> 8) & 0xff}.${offset & 0xff}`;
}

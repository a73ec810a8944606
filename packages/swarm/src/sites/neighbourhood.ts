import { bytesOfIp } from '@brine/wire';

import type { InterfaceAddress, Interfaces } from '../ports/interfaces.ts';
import type { PeerClass } from './peer-class.ts';
import { commonNames } from './site-label.ts';
import { SiteMap } from './site-map.ts';
import type { SiteRanges } from './site-map.ts';
import { Subnet } from './subnet.ts';

/** What configuration says about sites; all of it may be missing. */
export interface SiteSetting {
  /** Our own site. Default: what the map says about our addresses. */
  readonly label?: string | undefined;
  readonly map?: SiteRanges;
}

/** Where a peer is. */
export interface Place {
  readonly class: PeerClass;
  /** Its site as far as anybody knows; a peer's own word is in it, so it decides nothing that costs anything. */
  readonly label: string | undefined;
  /** Leading names that its label shares with ours: whom to ask first among those outside the site. */
  readonly nearness: number;
}

/** Interfaces are looked at again after this. */
const REFRESH_MS = 10_000;

/**
 * Tells which peers are on our LAN. In order of authority: the map of configured ranges; the network of one of our own interfaces,
 * tunnels left out, unless the peer itself names another site. What a peer claims makes nobody a member: an address outside both is
 * WAN, whatever label it wears.
 */
export class Neighbourhood {
  #map: SiteMap;
  #configuredLabel: string | undefined;
  readonly #interfaces: Interfaces;
  #subnets: readonly Subnet[] = [];
  #label: string | undefined;
  #lookedMs = -Infinity;
  #seen = '';
  #version = 0;

  /** Without a setting everybody is WAN. Throws `RangeError` for a wrong map. */
  constructor(setting: SiteSetting | undefined, interfaces: Interfaces) {
    this.#map = new SiteMap(setting?.map);
    this.#configuredLabel = setting?.label;
    this.#interfaces = setting === undefined ? NO_INTERFACES : interfaces;
  }

  /** The configuration has changed. Throws `RangeError` for a wrong map; then everything stays as it was. */
  configure(setting: SiteSetting): void {
    this.#map = new SiteMap(setting.map);
    this.#configuredLabel = setting.label;
    this.#lookedMs = -Infinity;
    this.#seen = '';
  }

  /** Our site's label, if it has one. */
  label(nowMs: number): string | undefined {
    this.#refresh(nowMs);
    return this.#label;
  }

  /** What the map says about an address. */
  mappedLabel(ip: string): string | undefined {
    return this.#map.labelOf(ip);
  }

  /** Changes when places may have changed. */
  version(nowMs: number): number {
    this.#refresh(nowMs);
    return this.#version;
  }

  /** Where an address is; `claimed` is the label that the peer there gives itself. */
  placeOf(ip: string, nowMs: number, claimed?: string): Place {
    this.#refresh(nowMs);
    const own = this.#label;
    const mapped = this.#map.labelOf(ip);
    const label = mapped ?? claimed;
    const nearness = own === undefined || label === undefined ? 0 : commonNames(own, label);
    if (mapped !== undefined && own !== undefined)
      return { class: mapped === own ? 'site' : nearness > 0 ? 'near' : 'wan', label, nearness };
    if (!this.#sharesNetwork(ip)) return { class: 'wan', label, nearness };
    const elsewhere = own !== undefined && label !== undefined && label !== own;
    if (elsewhere) return { class: nearness > 0 ? 'near' : 'wan', label, nearness };
    return { class: 'site', label: own ?? label, nearness };
  }

  #sharesNetwork(ip: string): boolean {
    const bytes = bytesOfIp(ip);
    return this.#subnets.some((subnet) => subnet.contains(bytes));
  }

  #refresh(nowMs: number): void {
    if (nowMs - this.#lookedMs < REFRESH_MS) return;
    this.#lookedMs = nowMs;
    const addresses = this.#interfaces.list();
    const seen = JSON.stringify(addresses);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#version += 1;
    this.#subnets = addresses.filter(isLan).map(({ ip, prefixLength }) => new Subnet(ip, prefixLength));
    this.#label = this.#configuredLabel ?? this.#labelOfOwn(addresses);
  }

  #labelOfOwn(addresses: readonly InterfaceAddress[]): string | undefined {
    for (const { ip } of addresses) {
      const label = this.#map.labelOf(ip);
      if (label !== undefined) return label;
    }
    return undefined;
  }
}

const NO_INTERFACES: Interfaces = { list: () => [] };

/** A network wider than this is a whole company's, not a LAN; the same machine is always near. */
function isLan({ ip, prefixLength, tunnel }: InterfaceAddress): boolean {
  if (tunnel) return false;
  return ip.includes(':') ? prefixLength >= 48 : prefixLength >= 16 || ip.startsWith('127.');
}

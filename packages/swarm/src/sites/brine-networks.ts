import { bytesOfIp } from '@brine/wire';

/** Networks kept; the longest not heard of go first. */
const NETWORKS_MAX = 1_024;
/** A Brine that was not heard of for this long may be gone. */
const REMEMBER_MS = 10 * 60_000;

/**
 * Networks at which Brines have been met: a client of another kind that is there will have everything from them over its LAN. Without
 * a map of sites a network is the 256 addresses around one (for IPv6, its /64): wrong now and then, which is why nothing but patience
 * is built on it.
 */
export class BrineNetworks {
  readonly #heardMs = new Map<string, number>();

  /** A Brine is at this address; true when none was known there. `label` is its site, if a map tells. */
  met(ip: string, label: string | undefined, nowMs: number): boolean {
    const network = label ?? networkAround(ip);
    const isNews = !this.has(ip, label, nowMs);
    this.#heardMs.delete(network);
    this.#heardMs.set(network, nowMs);
    for (const oldest of this.#heardMs.keys()) {
      if (this.#heardMs.size <= NETWORKS_MAX) break;
      this.#heardMs.delete(oldest);
    }
    return isNews;
  }

  has(ip: string, label: string | undefined, nowMs: number): boolean {
    if (this.#heardMs.size === 0) return false;
    const heardMs = this.#heardMs.get(label ?? networkAround(ip));
    return heardMs !== undefined && nowMs - heardMs < REMEMBER_MS;
  }
}

function networkAround(ip: string): string {
  const bytes = bytesOfIp(ip);
  return bytes.subarray(0, bytes.length === 4 ? 3 : 8).join('.');
}

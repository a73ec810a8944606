/*
 * The addresses that a torrent knows, and which to dial next. What strangers tell is a candidate and nothing more: bounded in
 * number, never believed about other people's local networks, forgotten when it leads nowhere. What an administrator gave stays.
 */
import { normalizeIp } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import { addressKind } from './address-kind.ts';

/** Who told us: an administrator, a tracker, another peer, the local network, or the peer itself by connecting. */
export type PeerSource = 'static' | 'tracker' | 'pex' | 'lsd' | 'incoming';

/** Addresses kept; when full, one that failed or was never tried makes room. */
export const PEERS_MAX = 2_000;
/** Bans kept; the oldest are forgiven. */
const BANS_MAX = 1_000;
/** An address that a stranger told of is forgotten after so many failures in a row. */
const FAILURES_MAX = 3;
/** The first pause after a failure is short: in a rollout everybody starts at the same moment, some a second later. */
const BACK_OFF_MIN_MS = 2_000;
const BACK_OFF_MAX_MS = 30 * 60_000;
/** After an orderly end. */
const RECONNECT_AFTER_MS = 10_000;
/** A seed is of no use to a seed; looked at again after this, in case we are none any more. */
const SEED_PAUSE_MS = 10 * 60_000;

interface KnownPeer {
  readonly address: PeerAddress;
  source: PeerSource;
  state: 'idle' | 'busy';
  failures: number;
  notBeforeMs: number;
  tried: boolean;
}

export interface PeerListOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export class PeerList {
  readonly #random: () => number;
  readonly #peers = new Map<string, KnownPeer>();
  readonly #banned = new Set<string>();
  readonly #self = new Set<string>();

  constructor(options: PeerListOptions) {
    this.#random = options.random;
  }

  get size(): number {
    return this.#peers.size;
  }

  /** Takes addresses in; `teller` is the peer that told of them, if a peer did. */
  add(addresses: readonly PeerAddress[], source: PeerSource, teller?: PeerAddress): void {
    for (const { ip, port } of addresses) {
      const normal = normalizeIp(ip);
      if (normal === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) continue;
      const address = { ip: normal, port };
      if (isBelievable(address, source, teller)) this.#addOne(address, source);
    }
  }

  /** The best addresses to dial now, at most `count`: an administrator's first, then those that failed least, untried ones first. */
  candidates(nowMs: number, count: number): PeerAddress[] {
    const ready: KnownPeer[] = [];
    for (const peer of this.#peers.values()) {
      if (peer.state === 'idle' && peer.notBeforeMs <= nowMs) ready.push(peer);
    }
    return ready
      .sort((a, b) => rank(a) - rank(b))
      .slice(0, count)
      .map(({ address }) => address);
  }

  /** We are connected, or about to be. */
  dialled(address: PeerAddress): void {
    const peer = this.#peers.get(keyOf(address));
    if (peer === undefined) return;
    peer.state = 'busy';
    peer.tried = true;
  }

  /** An incoming peer said where it listens: no need to dial it while it is here. */
  listensAt(address: PeerAddress): void {
    this.add([address], 'incoming');
    this.dialled(address);
  }

  /** A peer that had joined is gone. */
  disconnected(address: PeerAddress, nowMs: number): void {
    const peer = this.#peers.get(keyOf(address));
    if (peer === undefined) return;
    peer.state = 'idle';
    peer.failures = 0;
    peer.notBeforeMs = Math.max(peer.notBeforeMs, nowMs + this.#jitter(RECONNECT_AFTER_MS));
  }

  /** It could not be reached, or did not complete its handshake. */
  failed(address: PeerAddress, nowMs: number): void {
    const key = keyOf(address);
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    peer.state = 'idle';
    peer.failures += 1;
    if (peer.failures >= FAILURES_MAX && peer.source !== 'static') {
      this.#peers.delete(key);
      return;
    }
    const backOffMs = Math.min(BACK_OFF_MAX_MS, BACK_OFF_MIN_MS * 2 ** (peer.failures - 1));
    peer.notBeforeMs = nowMs + this.#jitter(backOffMs);
  }

  /** It has everything, and so do we: leave it alone for a while. */
  isSeed(address: PeerAddress, nowMs: number): void {
    const peer = this.#peers.get(keyOf(address));
    if (peer !== undefined) peer.notBeforeMs = nowMs + SEED_PAUSE_MS;
  }

  /** We need something again: seeds that were left alone are welcome. */
  forgiveSeeds(): void {
    for (const peer of this.#peers.values()) if (peer.failures === 0) peer.notBeforeMs = 0;
  }

  /** This address is ourselves. */
  isSelf(address: PeerAddress): void {
    const key = keyOf(address);
    this.#self.add(key);
    this.#peers.delete(key);
  }

  ban(address: PeerAddress): void {
    const key = keyOf(address);
    this.#peers.delete(key);
    this.#banned.add(key);
    for (const oldest of this.#banned) {
      if (this.#banned.size <= BANS_MAX) break;
      this.#banned.delete(oldest);
    }
  }

  isBanned(address: PeerAddress): boolean {
    return this.#banned.has(keyOf(address));
  }

  #addOne(address: PeerAddress, source: PeerSource): void {
    const key = keyOf(address);
    if (this.#banned.has(key) || this.#self.has(key)) return;
    const known = this.#peers.get(key);
    if (known !== undefined) {
      if (source === 'static') known.source = source;
      return;
    }
    if (this.#peers.size >= PEERS_MAX && !this.#makeRoom()) return;
    this.#peers.set(key, { address, source, state: 'idle', failures: 0, notBeforeMs: 0, tried: false });
  }

  /** Forgets an idle address that a stranger told of, the one that failed most. */
  #makeRoom(): boolean {
    let worst: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.source === 'static' || peer.state === 'busy') continue;
      if (worst === undefined || peer.failures > worst.failures) worst = peer;
    }
    if (worst === undefined) return false;
    this.#peers.delete(keyOf(worst.address));
    return true;
  }

  #jitter(delayMs: number): number {
    return delayMs * (0.75 + 0.5 * this.#random());
  }
}

/** Local addresses make sense only from somebody who is in the same kind of network; an administrator may name anything. */
function isBelievable(address: PeerAddress, source: PeerSource, teller: PeerAddress | undefined): boolean {
  if (source === 'static' || source === 'incoming') return true;
  const kind = addressKind(address.ip);
  if (kind === 'unusable') return false;
  if (source !== 'pex' || kind === 'global') return true;
  return teller !== undefined && addressKind(teller.ip) === kind;
}

/** Lower is dialled earlier. */
function rank({ source, failures, tried }: KnownPeer): number {
  return (source === 'static' ? 0 : 1_000) + failures * 10 + (tried ? 1 : 0);
}

function keyOf({ ip, port }: PeerAddress): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

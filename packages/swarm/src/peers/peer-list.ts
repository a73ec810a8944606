/*
 * The addresses that a torrent knows, and which to dial next. What strangers tell is a candidate and nothing more: bounded in
 * number, never believed about other people's local networks, forgotten when it leads nowhere. What an administrator gave stays.
 */
import { normalizeIp, peerPriority } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import type { PeerClass } from '../sites/peer-class.ts';
import { addressKey } from './address-key.ts';
import { addressKind } from './address-kind.ts';

/** Who told us: an administrator, a tracker, another peer, the local network, or the peer itself by connecting. */
export type PeerSource = 'static' | 'tracker' | 'pex' | 'lsd' | 'incoming';

/** How much a source's word is worth when there is no room for all. A peer can say anything; a tracker has seen an announce. */
const TRUST: Readonly<Record<PeerSource, number>> = { pex: 0, incoming: 1, lsd: 1, tracker: 2, static: 3 };

/** Addresses kept; when full, one that failed makes room, or one from a lesser source. */
export const PEERS_MAX = 2_000;
/** Bans kept; the oldest are forgiven. */
const BANS_MAX = 1_000;
/** Bans of peers at one IP address after which nobody there is trusted. */
const BANS_OF_IP_MAX = 3;
/** Addresses of our own that are kept; the oldest are forgotten, and found out again when dialled. */
const SELF_MAX = 64;
/** An address that a stranger told of is forgotten after so many failures in a row. */
const FAILURES_MAX = 3;
/** The first pause after a failure is short: in a rollout everybody starts at the same moment, some a second later. */
const BACK_OFF_MIN_MS = 2_000;
const BACK_OFF_MAX_MS = 30 * 60_000;
/** An administrator's peers are machines that are expected back, and few. */
const BACK_OFF_STATIC_MAX_MS = 60_000;
/** After an orderly end. */
const RECONNECT_AFTER_MS = 10_000;
/** A seed is of no use to a seed; looked at again after this, in case we are none any more. */
const SEED_PAUSE_MS = 10 * 60_000;
/** A peer that others of the site talk to. */
const NOT_NEEDED_MS = 60_000;

interface KnownPeer {
  readonly address: PeerAddress;
  source: PeerSource;
  state: 'idle' | 'busy';
  failures: number;
  notBeforeMs: number;
  tried: boolean;
  place: PeerClass;
  /** Decides among equals, 0 to 1, the lowest first: canonical priority (BEP 40) once we know who we are, chance before. */
  lot: number;
}

export interface PeerListOptions {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** How near an address is. Default: everybody is far. */
  readonly classOf?: (ip: string) => PeerClass;
}

export class PeerList {
  readonly #random: () => number;
  readonly #classOf: (ip: string) => PeerClass;
  readonly #peers = new Map<string, KnownPeer>();
  readonly #banned = new Set<string>();
  readonly #bansByIp = new Map<string, number>();
  readonly #self = new Set<string>();
  /** Addresses that led nowhere: a peer that keeps telling of them is not believed again. */
  readonly #hopeless = new Set<string>();
  #ourAddress: PeerAddress | undefined;

  constructor(options: PeerListOptions) {
    this.#random = options.random;
    this.#classOf = options.classOf ?? (() => 'wan');
  }

  get size(): number {
    return this.#peers.size;
  }

  /** How others see us: from now on, equals are dialled in the order of BEP 40, which both ends agree on. */
  weAre(address: PeerAddress): void {
    const ip = normalizeIp(address.ip);
    if (ip === undefined) return;
    this.#ourAddress = { ip, port: address.port };
    for (const peer of this.#peers.values()) peer.lot = this.#lotOf(peer.address);
  }

  /** Takes addresses in; `teller` is who told of them, where that is known: a peer, or a tracker whose address was looked up. */
  add(addresses: readonly PeerAddress[], source: PeerSource, teller?: PeerAddress): void {
    for (const { ip, port } of addresses) {
      const normal = normalizeIp(ip);
      if (normal === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) continue;
      const address = { ip: normal, port };
      if (isBelievable(address, source, teller)) this.#addOne(address, source);
    }
  }

  /**
   * The best addresses to dial now, at most `count`: in the order of urgency (undefined: not now), an administrator's first, then those that failed least, untried ones first,
   * equals by canonical priority.
   */
  candidates(
    nowMs: number,
    count: number,
    urgencyOf: (place: PeerClass) => number | undefined = () => 0,
  ): PeerAddress[] {
    const ready: KnownPeer[] = [];
    const urgency = { site: urgencyOf('site'), near: urgencyOf('near'), wan: urgencyOf('wan') };
    for (const peer of this.#peers.values()) {
      if (peer.state === 'idle' && peer.notBeforeMs <= nowMs && urgency[peer.place] !== undefined)
        ready.push(peer);
    }
    return ready
      .sort((a, b) => urgency[a.place]! - urgency[b.place]! || rank(a) - rank(b) || a.lot - b.lot)
      .slice(0, count)
      .map(({ address }) => address);
  }

  /** We are connected, or about to be. */
  dialled(address: PeerAddress): void {
    const peer = this.#peers.get(addressKey(address));
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
    const peer = this.#peers.get(addressKey(address));
    if (peer === undefined) return;
    peer.state = 'idle';
    peer.failures = 0;
    peer.notBeforeMs = Math.max(peer.notBeforeMs, nowMs + this.#jitter(RECONNECT_AFTER_MS));
  }

  /** It could not be reached, or did not complete its handshake. */
  failed(address: PeerAddress, nowMs: number): void {
    const key = addressKey(address);
    const peer = this.#peers.get(key);
    if (peer === undefined) return;
    peer.state = 'idle';
    peer.failures += 1;
    if (peer.failures >= FAILURES_MAX && peer.source !== 'static') {
      this.#peers.delete(key);
      this.#hopeless.add(key);
      forgetOldest(this.#hopeless, BANS_MAX);
      return;
    }
    const longestMs = peer.source === 'static' ? BACK_OFF_STATIC_MAX_MS : BACK_OFF_MAX_MS;
    const backOffMs = Math.min(longestMs, BACK_OFF_MIN_MS * 2 ** (peer.failures - 1));
    peer.notBeforeMs = nowMs + this.#jitter(backOffMs);
  }

  /** It has everything, and so do we: leave it alone for a while. */
  isSeed(address: PeerAddress, nowMs: number): void {
    const peer = this.#peers.get(addressKey(address));
    if (peer !== undefined) peer.notBeforeMs = nowMs + SEED_PAUSE_MS;
  }

  /** What counts as near has changed. */
  reclassify(): void {
    for (const peer of this.#peers.values()) peer.place = this.#classOf(peer.address.ip);
  }

  /** It has nothing for us, nor we for it, that others would not do; it calls if that changes. */
  notNeeded(address: PeerAddress, nowMs: number): void {
    const peer = this.#peers.get(addressKey(address));
    if (peer !== undefined) peer.notBeforeMs = nowMs + NOT_NEEDED_MS;
  }

  /** An address of our site has not answered yet: never called, or called and not among those who are `here`. */
  awaitsSite(here: Iterable<PeerAddress>): boolean {
    const keys = new Set(Array.from(here, addressKey));
    for (const [key, { place, tried, state }] of this.#peers) {
      if (place !== 'site') continue;
      if (state === 'busy' ? !keys.has(key) : !tried) return true;
    }
    return false;
  }

  /** We need something again: seeds that were left alone are welcome. */
  forgiveSeeds(): void {
    for (const peer of this.#peers.values()) if (peer.failures === 0) peer.notBeforeMs = 0;
  }

  /** This address is ourselves. */
  isSelf(address: PeerAddress): void {
    const key = addressKey(address);
    this.#self.add(key);
    forgetOldest(this.#self, SELF_MAX);
    this.#peers.delete(key);
  }

  /**
   * Never again, neither at this address nor under this name (`peerKey`). Machines behind one address are not punished for each
   * other until several of them were banned: then the address itself is.
   */
  ban(address: PeerAddress | undefined, peerKey: string): void {
    this.#addBan(peerKey);
    if (address === undefined) return;
    this.#peers.delete(addressKey(address));
    this.#addBan(addressKey(address));
    // A local address may be a whole site's, seen through its router, or this machine's own.
    if (addressKind(address.ip) !== 'global') return;
    const count = (this.#bansByIp.get(address.ip) ?? 0) + 1;
    this.#bansByIp.set(address.ip, count);
    forgetOldest(this.#bansByIp, BANS_MAX);
  }

  isBanned(address: PeerAddress, peerKey?: string): boolean {
    if ((this.#bansByIp.get(address.ip) ?? 0) >= BANS_OF_IP_MAX) return true;
    return this.#banned.has(addressKey(address)) || (peerKey !== undefined && this.#banned.has(peerKey));
  }

  #addBan(key: string): void {
    this.#banned.add(key);
    forgetOldest(this.#banned, BANS_MAX);
  }

  #addOne(address: PeerAddress, source: PeerSource): void {
    const key = addressKey(address);
    if (this.#self.has(key) || this.isBanned(address)) return;
    if (source === 'pex' && this.#hopeless.has(key)) return;
    const known = this.#peers.get(key);
    if (known !== undefined) {
      if (source === 'static') known.source = source;
      return;
    }
    if (this.#peers.size >= PEERS_MAX && !this.#makeRoom(source)) return;
    this.#peers.set(key, {
      address,
      source,
      state: 'idle',
      failures: 0,
      notBeforeMs: 0,
      tried: false,
      place: this.#classOf(address.ip),
      lot: this.#lotOf(address),
    });
  }

  #lotOf(address: PeerAddress): number {
    if (this.#ourAddress === undefined) return this.#random();
    return 1 - peerPriority(this.#ourAddress, address) / 2 ** 32;
  }

  /**
   * Forgets an idle address that failed, the one that failed most, or else one from a lesser source than the new one's. A flood of
   * invented addresses so pushes nobody out.
   */
  #makeRoom(source: PeerSource): boolean {
    if (source === 'static') return true;
    let worst: KnownPeer | undefined;
    for (const peer of this.#peers.values()) {
      if (peer.source === 'static' || peer.state === 'busy') continue;
      if (worst === undefined || isWorse(peer, worst)) worst = peer;
    }
    if (worst === undefined) return false;
    if (worst.failures === 0 && TRUST[worst.source] >= TRUST[source]) return false;
    this.#peers.delete(addressKey(worst.address));
    return true;
  }

  #jitter(delayMs: number): number {
    return delayMs * (0.75 + 0.5 * this.#random());
  }
}

function forgetOldest(bans: Set<string> | Map<string, number>, max: number): void {
  for (const oldest of bans.keys()) {
    if (bans.size <= max) break;
    bans.delete(oldest);
  }
}

function isWorse(a: KnownPeer, b: KnownPeer): boolean {
  if (a.failures !== b.failures) return a.failures > b.failures;
  return TRUST[a.source] < TRUST[b.source];
}

/**
 * Local addresses make sense only from somebody who is at least as local, an administrator may name anything, and an incoming
 * peer is where its packets come from. Trackers and the local network are believed unless they are known to be elsewhere.
 */
function isBelievable(address: PeerAddress, source: PeerSource, teller: PeerAddress | undefined): boolean {
  const kind = addressKind(address.ip);
  if (kind === 'unusable') return false;
  if (source === 'static' || source === 'incoming' || kind === 'global') return true;
  if (teller === undefined) return source !== 'pex';
  const told = normalizeIp(teller.ip);
  const from = told === undefined ? 'unusable' : addressKind(told);
  return from === 'loopback' || from === kind;
}

/** Lower is dialled earlier. */
function rank({ source, failures, tried }: KnownPeer): number {
  return (source === 'static' ? 0 : 1_000) + Math.min(failures, FAILURES_MAX) * 10 + (tried ? 1 : 0);
}

/*
 * Local service discovery, BEP 14: an engine announces its torrents to the multicast groups of its links and hears who else runs
 * them. Nobody answers: whoever hears of a newcomer dials it. An announce is only as true as the datagram's source address, so the
 * port lets none in from beyond our links; and it makes an address a candidate, nothing more.
 */
import {
  decodeLsdAnnounce,
  encodeLsdAnnounce,
  hexOf,
  LSD_GROUPS,
  LSD_INFO_HASHES_MAX,
  LSD_PORT,
  normalizeIp,
  WireError,
} from '@brine/wire';
import type { LsdAnnounce, PeerAddress } from '@brine/wire';

import { addressKind, isLinkLocal6 } from '../peers/address-kind.ts';
import type { Clock } from '../ports/clock.ts';
import type { Datagram, Datagrams, MulticastSocket } from '../ports/datagrams.ts';
import type { Random } from '../ports/random.ts';
import { FloodGate } from './flood-gate.ts';
import { LsdAnnouncers } from './lsd-announcers.ts';
import { LSD_INTERVAL_MIN_MS, LsdTimetable } from './lsd-timetable.ts';

/** The first announce waits up to this long: a rollout that starts everywhere at once is no burst, and what starts together goes together. */
export const LSD_JITTER_MS = 500;
/** BEP 14: up to so many torrents have a datagram each, because older clients read only the first info-hash of one. */
const SINGLE_ANNOUNCES_MAX = 5;
/** A thousand torrents are 50 datagrams, on each link; clients that send one for each torrent spread them over minutes. */
const FLOW_OF_SOURCE = { burst: 200, perSecond: 2 };
/** A thousand machines that start together, with IPv4 and IPv6; afterwards, each once in five minutes. */
const FLOW_TOTAL = { burst: 2_000, perSecond: 50 };
const SOURCES_MAX = 1_024;
const FAMILIES = [4, 6] as const;

/** A torrent that the local network may know of. */
export interface LsdTorrent {
  /** Hex info-hash. */
  readonly id: string;
  readonly infoHash: Uint8Array;
}

/** Datagrams since the engine was made. */
export interface LsdCounts {
  /** To the group of a family; it may have gone out on several links. */
  readonly sent: number;
  /** Of others, understood. */
  readonly heard: number;
  readonly malformed: number;
  /** Not read, because too many came. */
  readonly flooded: number;
}

export interface LsdOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly datagrams: Datagrams;
  /** Where we listen, as of now. */
  readonly listening: () => readonly PeerAddress[];
  /** The torrents that run and are not private, as of now. */
  readonly torrents: () => readonly LsdTorrent[];
  /** Somebody on our links has this torrent, ours or not. */
  readonly found: (id: string, peer: PeerAddress) => void;
}

/** Where others reach us: at this address, or at any. */
interface Door {
  readonly port: number;
  readonly from?: string;
}

export class LocalDiscovery {
  readonly #options: LsdOptions;
  readonly #gate = new FloodGate({ perSource: FLOW_OF_SOURCE, total: FLOW_TOTAL, sourcesMax: SOURCES_MAX });
  readonly #timetable = new LsdTimetable();
  readonly #announcers = new LsdAnnouncers({ max: SOURCES_MAX });
  readonly #groups = new Map<4 | 6, MulticastSocket>();
  readonly #counts = { sent: 0, heard: 0, malformed: 0, flooded: 0 };
  /** Tells our own announces; not so short that two machines of a big site share one. */
  #cookie = '';
  #state: 'idle' | 'joining' | 'joined' | 'closed' = 'idle';
  #announceAtMs = Infinity;
  #cancelAnnounce: () => void = () => undefined;

  /** Nothing happens before `listeningChanged`. */
  constructor(options: LsdOptions) {
    this.#options = options;
  }

  get counts(): LsdCounts {
    return { ...this.#counts };
  }

  /** We listen at one more address. Joins the groups as soon as there is one that others than this machine can reach. */
  async listeningChanged(): Promise<void> {
    if (this.#state === 'joined') this.#startAgain();
    if (this.#state !== 'idle' || FAMILIES.every((family) => this.#doors(family).length === 0)) return;
    this.#state = 'joining';
    this.#cookie = hexOf(this.#options.random.bytes(8));
    await Promise.all(FAMILIES.map((family) => this.#join(family)));
    if (this.#isClosed()) return;
    this.#state = 'joined';
    this.torrentsChanged();
  }

  /** A torrent began to run, or ended: announces the new ones soon. */
  torrentsChanged(): void {
    if (this.#state === 'joined') this.#announceIn(this.#options.random.next() * LSD_JITTER_MS);
  }

  /** Leaves the groups. Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#cancelAnnounce();
    for (const group of this.#groups.values()) group.close();
    this.#groups.clear();
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  async #join(family: 4 | 6): Promise<void> {
    const at = { ip: LSD_GROUPS[family].ip, port: LSD_PORT };
    const group = await this.#options.datagrams.joinGroup(at, {
      received: (datagram) => {
        this.#received(datagram);
      },
      linkJoined: () => {
        this.#startAgain();
      },
    });
    if (this.#isClosed()) group.close();
    else this.#groups.set(family, group);
  }

  #startAgain(): void {
    this.#timetable.startAgain();
    this.torrentsChanged();
  }

  /** The earliest plan stands. */
  #announceIn(delayMs: number): void {
    const { clock } = this.#options;
    const atMs = clock.nowMs() + delayMs;
    if (atMs >= this.#announceAtMs) return;
    this.#cancelAnnounce();
    this.#announceAtMs = atMs;
    this.#cancelAnnounce = clock.schedule(delayMs, () => {
      this.#announceAtMs = Infinity;
      this.#announceDue();
    });
  }

  #announceDue(): void {
    const nowMs = this.#options.clock.nowMs();
    const running = this.#options.torrents();
    const due = this.#timetable.due(running, nowMs);
    const told = due.length === 0 || this.#announce(due);
    if (told) this.#timetable.announced(due, nowMs);
    // Without a link nobody was told; mostly `linkJoined` brings us back before that.
    const nextMs = told ? this.#timetable.nextMs(running, nowMs) : LSD_INTERVAL_MIN_MS;
    if (nextMs < Infinity) this.#announceIn(nextMs);
  }

  /** False when there was no link to do it on. */
  #announce(torrents: readonly LsdTorrent[]): boolean {
    let told = false;
    for (const infoHashes of inDatagrams(torrents)) {
      for (const family of FAMILIES)
        for (const door of this.#doors(family)) told = this.#send(infoHashes, family, door) || told;
    }
    return told;
  }

  #send(infoHashes: readonly Uint8Array[], family: 4 | 6, { port, from }: Door): boolean {
    const bytes = encodeLsdAnnounce({ infoHashes, port, cookie: this.#cookie }, family);
    const sent = this.#groups.get(family)?.send(bytes, from) ?? false;
    if (sent) this.#counts.sent += 1;
    return sent;
  }

  /** A socket for all addresses makes the others superfluous. */
  #doors(family: 4 | 6): readonly Door[] {
    const doors: Door[] = [];
    for (const { ip, port } of this.#options.listening()) {
      // `::` takes IPv4 callers too.
      if (ip === '::' || (ip === '0.0.0.0' && family === 4)) return [{ port }];
      const isOfFamily = (ip.includes(':') ? 6 : 4) === family;
      if (isOfFamily && addressKind(ip) !== 'loopback') doors.push({ port, from: ip });
    }
    return doors;
  }

  #received({ bytes, from }: Datagram): void {
    const nowMs = this.#options.clock.nowMs();
    if (!this.#gate.admits(from.ip, nowMs)) {
      this.#counts.flooded += 1;
      return;
    }
    const announce = this.#read(bytes);
    if (announce === undefined || announce.cookie === this.#cookie) return;
    this.#counts.heard += 1;
    const ip = normalizeIp(from.ip);
    // A link-local address leads nowhere without its zone.
    if (ip === undefined || isLinkLocal6(ip) || !this.#announcers.isNews(announce.cookie, ip, nowMs)) return;
    for (const id of new Set(announce.infoHashes.map(hexOf)))
      this.#options.found(id, { ip, port: announce.port });
  }

  #read(bytes: Uint8Array): LsdAnnounce | undefined {
    try {
      return decodeLsdAnnounce(bytes);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      this.#counts.malformed += 1;
      return undefined;
    }
  }
}

function inDatagrams(torrents: readonly LsdTorrent[]): Uint8Array[][] {
  const size = torrents.length > SINGLE_ANNOUNCES_MAX ? LSD_INFO_HASHES_MAX : 1;
  const datagrams: Uint8Array[][] = [];
  for (let at = 0; at < torrents.length; at += size)
    datagrams.push(torrents.slice(at, at + size).map(({ infoHash }) => infoHash));
  return datagrams;
}

import type { PeerAddress } from '@brine/wire';

import type { PeerClass } from './sites/peer-class.ts';

import type { LsdCounts } from './discovery/lsd.ts';

/**
 * Where a torrent is in its life.
 * `resolving`: a magnet whose metadata is not here yet. `opening`: storage is being opened. `checking`: content on disk is being
 * hashed. `downloading`, `seeding`: as everywhere. `waiting`: the disk refused (see `error`) and will be tried again by itself.
 * `paused`: by order. `failed`: needs somebody (see `error`).
 */
export type TorrentPhase =
  'resolving' | 'opening' | 'checking' | 'downloading' | 'seeding' | 'waiting' | 'paused' | 'failed';

/** A trouble as told to people and programs: `code` is stable, `message` says what to do. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
}

/** Bytes since the torrent was added, payload only, and rates as a moving average over about 3 s. */
export interface TransferCounts {
  /** Payload bytes received, wasted ones included. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** Received but of no use: duplicates, corrupt pieces, unrequested blocks. */
  readonly wastedBytes: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
}

/** The counts by how near the peer is: what crossed the LAN, what came from near sites, what crossed the WAN. */
export type CountsByClass = Readonly<Record<PeerClass, TransferCounts>>;

/** What is told of a torrent without naming its files, peers and trackers: for lists of many. */
export interface TorrentSummary extends TransferCounts {
  readonly byClass: CountsByClass;
  /** Our part in the site: whether it is our turn to fetch over the WAN, and how many others of the site are connected. */
  readonly site: { readonly members: number; readonly fetching: boolean; readonly claims: number };
  /** Hex of the v1 info-hash: the torrent's id everywhere. */
  readonly id: string;
  readonly name: string;
  readonly phase: TorrentPhase;
  readonly error: Trouble | undefined;
  /** Where the payload stands, or will stand, published. */
  readonly directory: string;
  readonly pieceCount: number;
  readonly piecesVerified: number;
  readonly pieceLength: number;
  /** Of the wanted files. */
  readonly bytesTotal: number;
  /** Verified bytes of the wanted files. */
  readonly bytesDone: number;
  /** Fraction of what is being checked, 0 to 1; undefined unless `checking`. */
  readonly checkProgress: number | undefined;
  /** Everything wanted is verified, on disk and under its final name. */
  readonly complete: boolean;
  readonly private: boolean;
  readonly sequential: boolean;
  /** Connections that have introduced themselves. */
  readonly peerCount: number;
  /** Of them, those that something comes from at the moment, and those that something goes to. */
  readonly peersSending: number;
  readonly peersReceiving: number;
  /** Seconds until complete at the present rate; undefined when unknown. */
  readonly etaSeconds: number | undefined;
}

/** Everything that is told of a torrent. */
export interface TorrentSnapshot extends TorrentSummary {
  readonly files: readonly FileSnapshot[];
  readonly peers: readonly PeerSnapshot[];
  readonly trackers: readonly TrackerSnapshot[];
}

export interface FileSnapshot {
  readonly path: readonly string[];
  readonly length: number;
  /** 0 = not wanted, 1 = normal, up to 7 = first. */
  readonly priority: number;
}

export interface PeerSnapshot {
  readonly address: PeerAddress;
  readonly client: string;
  readonly class: PeerClass;
  /** The peer's site, as the map or its own word says. */
  readonly siteLabel: string | undefined;
  readonly outgoing: boolean;
  /** Fraction of the pieces that the peer has, 0 to 1. */
  readonly progress: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly amInterested: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly peerChoking: boolean;
  readonly snubbed: boolean;
  readonly requestsOutstanding: number;
}

export interface TrackerSnapshot {
  readonly url: string;
  readonly tier: number;
  readonly status: 'idle' | 'announcing' | 'working' | 'failing';
  readonly error: Trouble | undefined;
  readonly seeders: number | undefined;
  readonly leechers: number | undefined;
  /** Peers in its last answer. */
  readonly peersFound: number | undefined;
  /** Milliseconds since it last answered, or failed to; undefined when it was never asked. */
  readonly heardMsAgo: number | undefined;
  /** Milliseconds until the next announce; undefined when none is planned. */
  readonly nextAnnounceMs: number | undefined;
}

/** The engine at one instant, without its torrents; frozen. Costs the same however many there are. */
export interface EngineTotals extends TransferCounts {
  readonly byClass: CountsByClass;
  /** Our site's label, if it has one. */
  readonly siteLabel: string | undefined;
  readonly listening: readonly PeerAddress[];
  readonly peerCount: number;
  /** Datagrams of local service discovery; undefined when it is switched off. */
  readonly lsd: LsdCounts | undefined;
}

/** The engine at one instant; frozen, nothing in it changes later. */
export interface EngineSnapshot extends EngineTotals {
  readonly torrents: readonly TorrentSnapshot[];
}

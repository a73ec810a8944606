import type { PieceStore } from '@brine/piece-store';
import type { Geometry, Info, InfoHashes } from '@brine/wire';

import type { MetadataDownload } from '../discovery/metadata-download.ts';
import type { MetadataServing } from '../discovery/metadata-serving.ts';
import type { PexOutbox } from '../discovery/pex.ts';
import type { Trackers } from '../discovery/trackers.ts';
import type { EngineShared } from '../engine-shared.ts';
import type { AddTorrent } from '../options.ts';
import type { PeerConnection } from '../peers/peer-connection.ts';
import type { PeerList } from '../peers/peer-list.ts';
import type { Peer } from '../peers/peer.ts';
import type { BlameLedger } from '../policy/blame.ts';
import type { TorrentLimiters } from '../policy/limiter-tree.ts';
import type { PiecePicker } from '../policy/piece-picker.ts';
import type { RateMeter } from '../policy/rate-meter.ts';
import type { SuperSeeding } from '../policy/super-seeding.ts';
import type { TorrentPhase, Trouble } from '../snapshot.ts';
import type { PeerClass } from '../sites/peer-class.ts';
import type { Announcing } from './announce-piece.ts';
import type { PartialPiece } from './partial-piece.ts';
import type { SeedingOrder } from './seeding-order.ts';
import type { SiteState } from './site/site-state.ts';
import type { TorrentInput } from './torrent-input.ts';

/** Payload bytes that went through, and how fast; kept for a torrent and for the engine. */
export interface TransferMeter {
  downloadedBytes: number;
  uploadedBytes: number;
  wastedBytes: number;
  readonly downRate: RateMeter;
  readonly upRate: RateMeter;
}

/** What is known once the metadata is there and the storage is open. They come and go together. */
export interface TorrentContent {
  readonly info: Info;
  readonly geometry: Geometry;
  /** Blocks are numbered through the torrent as `piece * blocksPerPiece + block`. */
  readonly blocksPerPiece: number;
  readonly store: PieceStore;
  readonly picker: PiecePicker;
  /** Undefined when sites are switched off. */
  readonly site: SiteState | undefined;
}

/**
 * Everything that one torrent is at an instant. The loop (`torrent.ts`) and its topic files are the only writers; policies see
 * excerpts. What is bounded by what: `peers` by the connection caps, `partials` by the store's buffer pool, the rest by itself.
 */
export interface TorrentState {
  /** Hex of the v1 info-hash. */
  readonly id: string;
  readonly infoHash: Uint8Array;
  readonly infoHashes: InfoHashes;
  readonly shared: EngineShared;
  readonly order: AddTorrent;

  name: string;
  directory: string;
  phase: TorrentPhase;
  /** True while an order keeps it from the network; survives phases like `checking`. */
  paused: boolean;
  error: Trouble | undefined;
  /** Fraction of a check under way. */
  checkProgress: number | undefined;

  /** The info dictionary: from the start, or when a magnet's metadata has arrived. */
  info: Info | undefined;
  infoBytes: Uint8Array | undefined;
  metadataDownload: MetadataDownload | undefined;
  metadataServing: MetadataServing;
  /** The storage being opened, which may mean hashing for minutes: how to call it off, and when that has worked. */
  opening: { readonly signal: { aborted: boolean }; readonly settled: Promise<void> } | undefined;
  content: TorrentContent | undefined;
  filePriorities: readonly number[] | undefined;
  /** The priorities that the storage was opened with. */
  openedWith: readonly number[] | undefined;
  sequential: boolean;

  readonly partials: Map<number, PartialPiece>;
  /** What the disk refused, to be tried again: at most one entry for each partial piece, and one for publication. */
  readonly retries: (() => void)[];
  retryCancel: (() => void) | undefined;
  /** Milliseconds until the disk is tried again; doubles while it refuses. */
  retryDelayMs: number;
  publishing: boolean;
  /** The world has been told that the payload is complete. */
  completeTold: boolean;
  /** Peers that found no free buffer, who has waited longest first: they are looked at again when one returns. */
  readonly starved: Set<Peer>;
  endgameArmed: boolean;

  readonly peers: Map<PeerConnection, Peer>;
  /** Connections whose handshake came before the storage was open, and their peer ids; greeted when it is. Bounded by the caps. */
  readonly waitingConnections: Map<PeerConnection, Uint8Array>;
  readonly peerList: PeerList;
  readonly trackers: Trackers;
  readonly blame: BlameLedger;
  readonly pexOutbox: PexOutbox;
  /** Of the neighbourhood that peers' places come from. */
  placesVersion: number;
  nextRechokeMs: number;
  /** Undefined until somebody is served who takes turns. */
  seedingOrder: SeedingOrder | undefined;
  /** Undefined until there is a peer that is shown single pieces. */
  superSeeding: SuperSeeding<Peer> | undefined;
  readonly announcing: Announcing;

  readonly limiters: TorrentLimiters;
  readonly meter: TransferMeter;
  readonly classMeters: Readonly<Record<PeerClass, TransferMeter>>;
  /** The loop's entrance, for what comes back later. */
  readonly receive: (input: TorrentInput) => void;
}

/** True when everything wanted is verified. */
export function hasAllWanted(torrent: TorrentState): boolean {
  return torrent.content !== undefined && torrent.content.picker.wantedMissingCount === 0;
}

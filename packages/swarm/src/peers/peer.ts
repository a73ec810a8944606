import { hexOf } from '@brine/wire';
import type { ExtendedHandshake, PeerAddress, PeerEvent, SiteStatus } from '@brine/wire';

import { PexInbox } from '../discovery/pex.ts';
import type { PeerLimiters } from '../policy/limiter-tree.ts';
import { PeerPieces } from '../policy/piece-set.ts';
import type { QueueDelay } from '../policy/queue-delay.ts';
import { RateMeter } from '../policy/rate-meter.ts';
import { RequestDepth } from '../policy/request-depth.ts';
import type { Place } from '../sites/neighbourhood.ts';
import type { PartialPiece } from '../torrent/partial-piece.ts';
import type { TransferMeter } from '../torrent/torrent-state.ts';
import { UploadQueue } from '../torrent/upload-queue.ts';
import type { PeerConnection } from './peer-connection.ts';

/** A block that is arriving: `target` is its place in the piece's buffer, or a scratch copy while others send the same block. */
export interface IncomingBlock {
  /** Number of the block in the torrent, as in `Peer.requests`. */
  readonly id: number;
  readonly partial: PartialPiece;
  readonly block: number;
  readonly target: Uint8Array;
  readonly scratch: boolean;
}

/** What a peer announces before we know how many pieces there are; replayed when the metadata arrives. */
export type EarlyAnnouncement = Extract<
  PeerEvent,
  { readonly type: 'bitfield' | 'have-all' | 'have-none' | 'have' | 'dont-have' | 'allowed-fast' }
>;

/** Names a peer in policies, in the blame ledger and in bans: who it says it is, and where it says so. */
export function peerKey(connection: PeerConnection, peerId: Uint8Array): string {
  return `${connection.remote.ip}/${hexOf(peerId)}`;
}

/** A peer in one torrent after its handshake: what BEP 3 says about a connection's two ends, and what we make of it. */
export class Peer {
  readonly connection: PeerConnection;
  readonly peerId: Uint8Array;
  readonly key: string;
  /** Where others can reach it: as dialled, or with the port it says it listens on. Undefined for an incoming one that does not say. */
  listensAt: PeerAddress | undefined;
  pieces: PeerPieces;
  readonly early: EarlyAnnouncement[] = [];
  /** Recent replacements of what it has as a whole, and when the last one came. */
  replacements = 0;
  replacedMs = 0;
  /** Wanted pieces that it has and we lack; while this is above zero we are interested. */
  usefulCount = 0;
  /** What we have told it. */
  amInterested = false;
  amChoking = true;
  peerInterested = false;
  peerChoking = true;
  /** When it last began to choke us. */
  chokedSinceMs: number;
  uploadOnly = false;
  /** When it last got a piece that we know of. */
  gainedMs: number = -Infinity;
  /** How near it is; may change when it says where it is. */
  place: Place;
  /** What it said in its hello of the site extension; undefined for clients that do not speak it. */
  site: { readonly label: string | undefined; status: SiteStatus } | undefined;
  /** We have sent our hello. */
  greeted = false;
  /** Queues on the way to it, and the ping that is due or under way: it is asked for nothing meanwhile. */
  queueDelay: QueueDelay | undefined;
  ping: { readonly sinceMs: number; sentMs: number | undefined; readonly stamp: number } | undefined;
  /** Recent messages of the site extension, and when the last one came. */
  siteMessages = 0;
  siteMessageMs = 0;
  /** The most pieces that it has said to have by the last of them. */
  siteMessagePieces = 0;
  /** Whose bytes it is that come and go here: the torrent's, the engine's, and those of its class in both. */
  meters: readonly TransferMeter[] = [];
  extended: ExtendedHandshake | undefined;

  /** What we asked for: number of the block in the torrent to when, in order. */
  readonly requests: Map<number, number> = new Map();
  readonly depth: RequestDepth = new RequestDepth();
  /** Pieces that we may request while choked, BEP 6; bounded by `ALLOWED_FAST_MAX`. */
  allowedFast: Set<number> | undefined;
  /** Refused requests since the last block, and until when it is left alone for them. */
  refusals = 0;
  restsUntilMs = 0;
  incoming: IncomingBlock | undefined;
  /** The site's news when it was last found to have nothing for us; undefined when it may have by now. */
  searchedAtNews: number | undefined;
  /** Since when it, outside our site, has had nothing to send us for want of requests. */
  drySinceMs: number | undefined;
  /** How fast it was until then, bytes per second. */
  rateWhenDry = 0;
  /** Since when it, in our site, has sent too little of what we asked for. */
  slowSinceMs: number | undefined;
  /** When it last sent payload, or was first asked for some: what snubbing goes by. */
  lastPayloadMs = 0;

  /** Its place in the tree of limits, according to its class. */
  limiters: PeerLimiters;
  readonly uploads: UploadQueue = new UploadQueue();
  /** Pieces that it may request while choked. */
  grantedFast: ReadonlySet<number> | undefined;
  unchokedSinceMs: number | undefined;
  lastUnchokedMs: number | undefined;
  optimistic = false;
  /** Whether it sees our pieces one by one, BEP 16. */
  superSeeded: 'no' | 'undecided' | 'yes' = 'no';
  invalidRequests = 0;

  downloadedBytes = 0;
  unrequestedBytes = 0;
  uploadedBytes = 0;
  readonly downRate: RateMeter = new RateMeter();
  readonly upRate: RateMeter = new RateMeter();
  readonly pexInbox: PexInbox;

  constructor(
    connection: PeerConnection,
    peerId: Uint8Array,
    options: {
      readonly pieceCount: number;
      readonly private: boolean;
      readonly place: Place;
      readonly limiters: PeerLimiters;
    },
  ) {
    this.connection = connection;
    this.peerId = new Uint8Array(peerId);
    this.key = peerKey(connection, peerId);
    this.listensAt = connection.outgoing ? connection.remote : undefined;
    this.pieces = new PeerPieces(options.pieceCount);
    this.place = options.place;
    this.chokedSinceMs = connection.openedMs;
    this.limiters = options.limiters;
    this.pexInbox = new PexInbox(options);
  }

  /** Requests it is expected to keep; 250 when it does not say, as libtorrent assumes. */
  get requestQueueMax(): number {
    return this.extended?.requestQueueMax ?? 250;
  }

  /** Its address for people: where it listens if that is known. */
  get address(): PeerAddress {
    return this.listensAt ?? this.connection.remote;
  }
}

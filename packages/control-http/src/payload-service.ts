import type {
  CountsByClass,
  PeerClass,
  Rate,
  RateLimits,
  TorrentPhase,
  TrackerSnapshot,
  Trouble,
} from '@brine/swarm';

/*
 * The port between the API and whatever carries its orders out. Everything here is plain data: it goes over HTTP as it stands, and
 * `schemas/` describes it field by field.
 */

/** What somebody wants to be here. Exactly one of `infohash`, `magnet`, `torrent` and `torrentFile`. */
export interface PayloadOrder {
  /** 40 hex digits. Metadata comes from peers, so `peers` or `trackers` are needed, or peers on the LAN. */
  readonly infohash?: string;
  readonly magnet?: string;
  /** Bytes of a `.torrent` file in base64. */
  readonly torrent?: string;
  /** Absolute path of a `.torrent` file that the service can read; it is read once, when the order is taken. */
  readonly torrentFile?: string;
  /** Absolute path of the directory in which the payload's file or folder is to stand. Default: the service's own. */
  readonly path?: string;
  /** `download` (default), `adopt`: complete what stands there, `seed`: serve what stands there and never write. */
  readonly mode?: PayloadMode;
  /** Peers to begin with, `host:port`. */
  readonly peers?: readonly string[];
  /** Announce addresses in addition to the torrent's own. */
  readonly trackers?: readonly string[];
  /** Of this payload alone. */
  readonly limits?: RateLimitsOrder;
  /** Absent: as it was, and a new one runs. */
  readonly paused?: boolean;
}

export type PayloadMode = 'download' | 'adopt' | 'seed';

/** Limits as somebody orders them: a rate may be written as people do, `10mbit`, `unlimited`, `mon-fri 08:00-18:00 2mbit; 20mbit`. */
export interface RateLimitsOrder {
  readonly downBytesPerSecond?: Rate | string;
  readonly upBytesPerSecond?: Rate | string;
}

/** An order in a list. */
export interface NamedOrder extends PayloadOrder {
  readonly name: string;
}

/** Where a payload is in its life; see `TorrentPhase` of the engine. */
export type PayloadPhase = TorrentPhase;

/** A trouble, and what somebody can do about it. */
export interface PayloadTrouble extends Trouble {
  readonly wayOut: string;
}

/** One payload at one instant. */
export interface PayloadStatus {
  readonly name: string;
  /** Hex of the v1 info-hash. */
  readonly infohash: string;
  /** Where the payload's file or folder stands, or will stand. */
  readonly path: string;
  readonly mode: PayloadMode;
  readonly phase: PayloadPhase;
  /** Everything is verified, on disk and under its final name. */
  readonly complete: boolean;
  /** 0 to 100, two decimals, rounded down; 100 only if `complete`. */
  readonly percent: number;
  /** Of the check, while `phase` is `checking`. */
  readonly checkedPercent?: number;
  /** Verified bytes. */
  readonly bytesDone: number;
  /** 0 while nothing is known, as for a magnet. */
  readonly bytesTotal: number;
  /** Seconds until complete at the present rate. */
  readonly etaSeconds?: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Payload bytes since the service started, by how near the peer was. */
  readonly traffic: Traffic;
  /** Connections. */
  readonly peers: number;
  /** Those of them that send us something at the moment. */
  readonly peersSending: number;
  /** Those of them that receive something from us at the moment. */
  readonly peersReceiving: number;
  readonly limits: RateLimits;
  /** When the order was taken, ISO 8601. */
  readonly orderedAt: string;
  /** When somebody acknowledged this content as complete, ISO 8601. */
  readonly acknowledgedAt?: string;
  readonly error?: PayloadTrouble;
}

/** What crossed the LAN, what went to near sites, what crossed the WAN. */
export type Traffic = Readonly<Record<PeerClass, TrafficCounts>>;

export type TrafficCounts = Readonly<
  Pick<
    CountsByClass[PeerClass],
    'downloadedBytes' | 'uploadedBytes' | 'downBytesPerSecond' | 'upBytesPerSecond'
  >
>;

/** A status with what only one who looks closely wants to know. */
export interface PayloadDetails extends PayloadStatus {
  /** The first thousand, unless more were asked for. */
  readonly files: readonly FileView[];
  readonly fileCount: number;
  /** No peers but those of its trackers, and those that were ordered; BEP 27. */
  readonly private: boolean;
  readonly pieces: {
    readonly count: number;
    readonly verified: number;
    readonly bytes: number;
    /** One bit for each piece, BEP 3 order, base64; absent while nothing is known. */
    readonly map?: string;
  };
  readonly connections: readonly PeerView[];
  readonly trackers: readonly TrackerView[];
}

export interface FileView {
  /** Below the payload's folder, or the file's name; with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Verified. */
  readonly bytesDone: number;
}

export interface PeerView {
  readonly address: string;
  readonly client: string;
  readonly class: PeerClass;
  readonly site?: string;
  /** 0 to 100. */
  readonly percent: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Payload bytes received from it, over this connection. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  /** We called it, not it us. */
  readonly outgoing: boolean;
  /** Who wants something, and who does not get it; BEP 3. */
  readonly amInterested: boolean;
  readonly amChoking: boolean;
  readonly peerInterested: boolean;
  readonly peerChoking: boolean;
}

export interface TrackerView {
  readonly url: string;
  /** BEP 12, from 0. */
  readonly tier: number;
  readonly status: TrackerSnapshot['status'];
  /** In the swarm, as the tracker last said. */
  readonly seeders?: number;
  readonly leechers?: number;
  /** In its last answer. */
  readonly peersFound?: number;
  /** Since it last answered, or failed to. */
  readonly heardSecondsAgo?: number;
  /** Until it is asked again. */
  readonly nextAnnounceSeconds?: number;
  readonly error?: Trouble;
}

export interface OrderContent {
  /** Hex of the v1 info-hash. */
  readonly infohash: string;
  /** What it is called by whoever made it; absent if only the info-hash is known. */
  readonly title?: string;
}

/** What an order led to. */
export interface PutOutcome {
  readonly outcome: 'created' | 'changed' | 'unchanged';
  /** What is ordered otherwise than before; empty for one that is new. */
  readonly changes: readonly OrderPart[];
  readonly payload: PayloadStatus;
}

/** Parts of an order that may differ from what was ordered before. */
export type OrderPart = 'infohash' | 'magnet' | 'path' | 'mode' | 'peers' | 'trackers' | 'limits' | 'paused';

/** How an order is meant. */
export interface WriteOptions {
  /** Only say what it would lead to, and what is wrong with it. */
  readonly dryRun?: boolean;
}

export interface PutOptions extends WriteOptions {
  /** Rejects with `order-conflicts` if something is ordered under this name. */
  readonly mustBeNew?: boolean;
}

/** What "only these" led to. */
export interface OnlyOutcome {
  readonly payloads: readonly PayloadStatus[];
  /** Names of those that are not wanted any more. */
  readonly removed: readonly string[];
}

/** Limits over all payloads: of everything, and of classes of peers; `outside` is `near` and `wan` together. */
export interface LimitSettings {
  readonly total?: RateLimits;
  readonly outside?: RateLimits;
  readonly site?: RateLimits;
  readonly near?: RateLimits;
  readonly wan?: RateLimits;
}

/** `LimitSettings` as somebody orders them. */
export type LimitOrder = Readonly<Partial<Record<keyof LimitSettings, RateLimitsOrder>>>;

/** The limits in force, and who said so. */
export interface LimitsView extends LimitSettings {
  readonly source: 'configuration' | 'order';
}

export interface EngineView {
  readonly version: string;
  /** The machine's own name, for people who look at several. */
  readonly host: string;
  /** Directories in or below which payloads may stand; the first is the default. */
  readonly roots: readonly string[];
  /** When the service started, ISO 8601. */
  readonly startedAt: string;
  /** `host:port` for peers. */
  readonly listening: readonly string[];
  readonly payloads: number;
  readonly peers: number;
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  /** Since the service started. */
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly wastedBytes: number;
  readonly traffic: Traffic;
}

/** Room in the file system that holds a directory, in bytes. */
export interface SpaceView {
  readonly path: string;
  /** For the service's user. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** The site as this machine sees it. */
export interface SiteView {
  readonly label?: string;
  readonly traffic: Traffic;
  /** Connected machines of the own site, over all payloads. */
  readonly members: number;
  /** Payloads that this machine fetches over the WAN for its site at the moment. */
  readonly fetching: readonly string[];
}

/** A fact worth telling once. */
export type ServiceEvent =
  | { readonly type: 'payload-ordered'; readonly name: string; readonly infohash: string }
  | {
      readonly type: 'payload-phase';
      readonly name: string;
      readonly phase: PayloadPhase;
      readonly from: PayloadPhase;
    }
  | { readonly type: 'payload-complete'; readonly name: string; readonly path: string }
  | { readonly type: 'payload-removed'; readonly name: string }
  | { readonly type: 'payload-trouble'; readonly name: string; readonly error: PayloadTrouble }
  | { readonly type: 'payload-recovered'; readonly name: string }
  | { readonly type: 'limits-changed' }
  | { readonly type: 'stopping' };

/**
 * Carries orders out. A promise resolves when the order is kept, come what may; transfers go on by themselves. Rejects with
 * `ServiceError`.
 */
export interface PayloadService {
  put(name: string, order: PayloadOrder, options?: PutOptions): Promise<PutOutcome>;
  /** What an order is about; nothing is ordered. Rejects as `put` does for an order that cannot be understood. */
  inspect(order: PayloadOrder): Promise<OrderContent>;
  /** Rates of an order that stands. */
  setPayloadLimits(name: string, limits: RateLimitsOrder): Promise<PayloadStatus>;
  /** These and no others, all or nothing. Names that stay keep what they have. */
  only(orders: readonly NamedOrder[]): Promise<OnlyOutcome>;
  list(): readonly PayloadStatus[];
  /** `filesMax`: how many files are told of. Default 1,000. */
  get(name: string, options?: { readonly filesMax?: number }): PayloadDetails | undefined;
  /** `data`: also deletes what was created for it, and nothing else. */
  remove(name: string, options: { readonly data: boolean }): Promise<void>;
  pause(name: string): Promise<PayloadStatus>;
  resume(name: string): Promise<PayloadStatus>;
  /** Begins to hash everything on disk again. */
  verify(name: string): Promise<PayloadStatus>;
  /** Asks the trackers for peers as early as they allow. */
  announce(name: string): PayloadStatus;
  /** Tells a payload of peers, `host:port`, as trackers do: at once, and not as a part of the order. */
  addPeers(name: string, peers: readonly string[]): Promise<PayloadStatus>;
  /** Keeps that somebody has taken note of this content being complete; until other content is ordered under the name. */
  acknowledge(name: string, infohash: string): Promise<PayloadStatus>;
  unacknowledge(name: string): Promise<PayloadStatus>;
  limits(): LimitsView;
  /** Undefined: as configured. */
  setLimits(limits: LimitOrder | undefined, options?: WriteOptions): Promise<LimitsView>;
  /** Of the file system that holds a directory below the configured roots. Default: the first of them. Rejects with `path-refused`. */
  space(path?: string): Promise<SpaceView>;
  engine(): EngineView;
  site(): SiteView;
  /** Returns how to stop listening. */
  subscribe(listener: (event: ServiceEvent) => void): () => void;
}

import type { PeerAddress } from '@brine/wire';

import type { ClassLimits, RateLimits } from './policy/rate-limits.ts';
import type { SiteSetting } from './sites/neighbourhood.ts';
import type { WanBudget } from './sites/wan-budget.ts';

export type { RateLimits };

/** Sites: groups of machines that share a LAN and one slow link. */
export interface SiteOptions extends SiteSetting {
  /** Members of the site that fetch one payload over the WAN at once; more only when those get nowhere. Default 2. */
  readonly fetchersMax?: number;
  /** What all members together may draw over the WAN, on the wire; every member is to be given the same. Default: unlimited. */
  readonly budget?: WanBudget;
}

/** How an engine behaves. Everything has a default; validated once, by the constructor. */
export interface EngineOptions {
  /** Addresses to listen on. Default: none, which means outgoing connections only until `listen` is called. */
  readonly listen?: readonly PeerAddress[];
  /** Limits over all torrents. Default: none. */
  readonly limits?: RateLimits;
  /** Limits of classes of peers over all torrents. Default: none. */
  readonly classLimits?: ClassLimits;
  /** Whom we upload to: everybody (default), only peers of our own site (metered lines, VPNs), or nobody. */
  readonly sharing?: 'all' | 'site' | 'none';
  /** Connections over all torrents. Default 500. */
  readonly connectionsMax?: number;
  /** Connections of one torrent. Default 200. */
  readonly connectionsPerTorrentMax?: number;
  /** Outgoing connections that are not established yet. Default 50: more overflows the tables of cheap routers. */
  readonly halfOpenMax?: number;
  /** Peers unchoked at once on the basis of what they give us; all others too while there is room, because a client always shares. Default 50. */
  readonly unchokeSlots?: number;
  /** `share` (default): everybody interested is served, as far as slots reach. `tit-for-tat`: slots go to those who give most, BEP 3. */
  readonly chokePolicy?: 'share' | 'tit-for-tat';
  /** Peer exchange, BEP 11. Default true; never for private torrents. */
  readonly pex?: boolean;
  /**
   * Local service discovery, BEP 14: peers on the same links find each other by multicast. Default true, from when we listen at an
   * address that others can reach; never for private torrents.
   */
  readonly lsd?: boolean;
  /**
   * Our site, and which addresses are at which. Without it, peers in the networks of our own interfaces are our site. `false`: plain
   * BitTorrent, in which every machine fetches for itself.
   */
  readonly site?: SiteOptions | false;
  /**
   * Super-seeding, BEP 16: a seed shows foreign clients one piece at a time, so that hardly any leaves it twice. Default false; also for
   * single torrents. Brine peers are exempt: they share out the pieces by themselves.
   */
  readonly superSeed?: boolean;
  /**
   * Traffic with other sites gives way to whatever else uses the line. Default false; `targetDelayMs`: milliseconds in queues above which
   * the line counts as busy, default 40.
   */
  readonly background?: boolean | { readonly targetDelayMs: number };
  /** Memory that uploads of all torrents are served from; at least 1 MiB. Default 32 MiB. */
  readonly uploadCacheBytes?: number;
  /** Client name and version in the extended handshake. Default `Brine <version>`. */
  readonly clientName?: string;
}

/** What to add: exactly one of `metainfo` and `magnet`. */
export interface AddTorrent {
  /** Bytes of a `.torrent` file. */
  readonly metainfo?: Uint8Array;
  /** A magnet link, BEP 9. */
  readonly magnet?: string;
  /** Directory in which the payload's file or folder is to stand. */
  readonly directory: string;
  /** `download` (default), `adopt` or `seed`: see `OpenMode` of the store. */
  readonly mode?: 'download' | 'adopt' | 'seed';
  /** Peers known from elsewhere; also for private torrents: an administrator's word goes. */
  readonly peers?: readonly PeerAddress[];
  /** Tiers in addition to the torrent's own. */
  readonly trackers?: readonly (readonly string[])[];
  readonly limits?: RateLimits;
  /** One entry for each file: 0 = not wanted, 1 = normal, up to 7 = first. Default all 1. */
  readonly filePriorities?: readonly number[];
  /** Pieces in order instead of rarest first. Default false. */
  readonly sequential?: boolean;
  /** Overrides the engine's option. */
  readonly superSeed?: boolean;
  /** Added but not started. Default false. */
  readonly paused?: boolean;
}

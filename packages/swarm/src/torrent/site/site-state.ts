import type { Info } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import { ClaimOrder } from '../../policy/claim-order.ts';
import { FetchingElsewhere } from '../../policy/fetching-elsewhere.ts';
import { nameOfBytes } from '../../policy/rendezvous.ts';
import { SiteClaims } from '../../policy/site-claims.ts';
import { SiteHoldings } from '../../policy/site-holdings.ts';
import type { TorrentState } from '../torrent-state.ts';

/** What a torrent knows of its site; lives as long as its content. */
export interface SiteState {
  readonly claims: SiteClaims;
  readonly holdings: SiteHoldings;
  readonly elsewhere: FetchingElsewhere;
  readonly order: ClaimOrder;
  /** Names of the other sites that fetch too, as numbers; bounded by `OTHER_SITES_MAX`. */
  otherSites: readonly number[];
  /** When it began. Before the site is met, nothing is fetched over the WAN: everybody would fetch the same. */
  readonly openedMs: number;
  met: boolean;
  /** The most that came from outside, in bytes per second. */
  bestRate: number;
  /** When somebody of the site last got a piece that the site had not. */
  progressMs: number;
  renewedMs: number;
  reportedMs: number;
  /** What was last reported, apart from rates. */
  reportedFlags: string;
  /** Since when we fetch without a WAN peer that has anything; undefined while there is one, or it is not our turn. */
  fruitlessSinceMs: number | undefined;
  /** A look at settled claims is due. */
  wakeArmed: boolean;
}

/** Undefined when the engine was told that there are no sites. */
export function createSiteState(torrent: TorrentState, info: Info): SiteState | undefined {
  const { options, clock, peerId } = torrent.shared;
  if (options.site === undefined) return undefined;
  const nowMs = clock.nowMs();
  const salt = nameOfBytes(torrent.infoHash);
  return {
    claims: new SiteClaims({
      self: nameOfBytes(peerId),
      salt,
      fetchersMax: options.site.fetchersMax,
      pieceLength: info.pieceLength,
    }),
    holdings: new SiteHoldings(info.pieceCount),
    elsewhere: new FetchingElsewhere(),
    order: new ClaimOrder(info.pieceCount, salt),
    otherSites: [],
    openedMs: nowMs,
    met: false,
    bestRate: 0,
    progressMs: nowMs,
    renewedMs: nowMs,
    reportedMs: -Infinity,
    reportedFlags: '',
    fruitlessSinceMs: undefined,
    wakeArmed: false,
  };
}

/** The site in force: somebody configured sites, or another member is here. Without either, everybody fetches for himself. */
export function activeSite(torrent: TorrentState): SiteState | undefined {
  const site = torrent.content?.site;
  if (site === undefined) return undefined;
  return torrent.shared.options.site?.configured === true || site.claims.memberCount > 0 ? site : undefined;
}

export function isLan(peer: Peer): boolean {
  return peer.place.class === 'site';
}

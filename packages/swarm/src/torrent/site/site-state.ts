import type { Info } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import { ClaimOrder } from '../../policy/claim-order.ts';
import { FetchingElsewhere } from '../../policy/fetching-elsewhere.ts';
import { nameOfBytes } from '../../policy/rendezvous.ts';
import { SiteClaims } from '../../policy/site-claims.ts';
import { SiteHoldings } from '../../policy/site-holdings.ts';
import { SiteTrust } from '../../policy/site-trust.ts';
import type { TorrentState } from '../torrent-state.ts';

/** What a torrent knows of its site; lives as long as its content. */
export interface SiteState {
  readonly claims: SiteClaims;
  readonly holdings: SiteHoldings;
  /** Which addresses outside announce what they then send. */
  readonly relayTrust: SiteTrust;
  readonly elsewhere: FetchingElsewhere;
  readonly order: ClaimOrder;
  /** Names of the other sites that fetch too, as numbers; bounded by `OTHER_SITES_MAX`. */
  otherSites: readonly number[];
  /** When it began. Before the site is met, nothing is fetched over the WAN: everybody would fetch the same. */
  readonly openedMs: number;
  met: boolean;
  /** The most that came from outside, in bytes per second. */
  bestRate: number;
  /** When we last got a piece, from wherever. What others say that they got could be invented. */
  gainedMs: number;
  /** Members that fetch beyond the usual number, when that last changed, and how often that did not help for long. */
  widening: { extra: number; sinceMs: number; relapses: number };
  /** Seconds that we had a line to fetch over, and nothing to fetch because others claimed all. */
  blockedSeconds: number;
  renewedMs: number;
  reportedMs: number;
  /** What was last reported, apart from rates. */
  reportedFlags: string;
  /** Since when we fetch without a WAN peer that has anything; undefined while there is one, or it is not our turn. */
  fruitlessSinceMs: number | undefined;
  /** Counts what may give somebody something to fetch: claims given back, patience at an end, a second gone by. */
  news: number;
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
    relayTrust: new SiteTrust(),
    elsewhere: new FetchingElsewhere(),
    order: new ClaimOrder(info.pieceCount, salt),
    otherSites: [],
    openedMs: nowMs,
    met: false,
    bestRate: 0,
    gainedMs: nowMs,
    widening: { extra: 0, sinceMs: nowMs, relapses: 0 },
    blockedSeconds: 0,
    renewedMs: nowMs,
    reportedMs: -Infinity,
    reportedFlags: '',
    fruitlessSinceMs: undefined,
    news: 0,
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

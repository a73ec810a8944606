/*
 * What a site needs about once a second: claims renewed or given back, silence noticed, the circle of fetchers widened when they get
 * nowhere, connections that nobody needs ended. Every wait here has an end.
 */
import { SITE_EXTENSION, encodeSiteMessage } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import { RENEW_MS } from '../../policy/site-claims.ts';
import { releasePiece } from '../requests.ts';
import type { TorrentState } from '../torrent-state.ts';
import { meet } from './meeting.ts';
import { statusOf, tellPieces } from './announcements.ts';
import { recount } from './givers.ts';
import { isDone, otherSites } from './members.ts';
import { activeSite, isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';
import { noticeBlockade, noticeEmptyPromises, widenWhenStalled } from './stalls.ts';
import { wanRate } from './wan-choice.ts';

/** A claimed piece without progress for this long is given back. */
const CLAIM_STALL_MS = 8_000;
/** A fetcher that finds nobody to fetch from lets others try. */
const FRUITLESS_MS = 5_000;
const REPORT_MS = 2_000;
const SIGN_OF_LIFE_MS = 4_000;
/** A connection over the WAN that moves nothing and is not needed ends after this. */
const IDLE_WAN_MS = 5_000;
/** Connections to one other site, when it has fetchers to talk to. */
const CONNECTIONS_PER_SITE = 2;

export function housekeepSite(torrent: TorrentState, nowMs: number): void {
  const site = torrent.content?.site;
  if (site === undefined) return;
  if (torrent.phase !== 'downloading') {
    report(torrent, site, nowMs);
    return;
  }
  meet(torrent, nowMs);
  site.claims.expire(nowMs);
  site.news += 1;
  for (const peer of torrent.peers.values()) site.claims.setComplete(peer.key, isDone(peer));
  recount(torrent, site);
  if (activeSite(torrent) === undefined) return;
  giveBackStalled(torrent, site, nowMs);
  renew(torrent, site, nowMs);
  noticeFruitlessness(torrent, site, nowMs);
  noticeEmptyPromises(torrent, site, nowMs);
  noticeBlockade(torrent, site, nowMs);
  widenWhenStalled(torrent, site, nowMs);
  site.otherSites = otherSites(torrent);
  site.bestRate = Math.max(site.bestRate, wanRate(torrent, nowMs));
  endIdleConnections(torrent, site, nowMs);
  report(torrent, site, nowMs);
}

function giveBackStalled(torrent: TorrentState, site: SiteState, nowMs: number): void {
  const given: number[] = [];
  for (const { piece, sinceMs, via } of site.claims.own.values()) {
    const partial = torrent.partials.get(piece);
    const source = sourceOf(torrent, via);
    // A claim in the queue of a peer that delivers is on its way.
    const movedMs = Math.max(sinceMs, partial?.progressMs ?? 0, source?.lastPayloadMs ?? 0);
    if (nowMs - movedMs < CLAIM_STALL_MS && (source !== undefined || partial?.owner !== undefined)) continue;
    if (partial?.state === 'committing') continue;
    given.push(piece);
  }
  for (const piece of given) {
    site.claims.give(piece);
    const partial = torrent.partials.get(piece);
    if (partial !== undefined) releasePiece(torrent, partial);
  }
  tellPieces(torrent, 'release', given);
}

function renew(torrent: TorrentState, site: SiteState, nowMs: number): void {
  if (nowMs - site.renewedMs < RENEW_MS) return;
  site.renewedMs = nowMs;
  tellPieces(torrent, 'hold', [...site.claims.own.keys()]);
}

/** Our turn, but nobody outside has anything for us: say so, and let the next one try. */
function noticeFruitlessness(torrent: TorrentState, site: SiteState, nowMs: number): void {
  const fruitful = [...torrent.peers.values()].some((peer) => !isLan(peer) && peer.usefulCount > 0);
  if (fruitful) {
    site.fruitlessSinceMs = undefined;
    site.claims.setAble(true);
  } else if (site.claims.isFetcher(nowMs)) {
    site.fruitlessSinceMs ??= nowMs;
    if (nowMs - site.fruitlessSinceMs > FRUITLESS_MS) site.claims.setAble(false);
  }
}

/**
 * Who does not fetch needs no connection to other sites, and who does needs one or two to each. Fewer connections mean fewer `have`
 * messages over the slow link.
 */
function endIdleConnections(torrent: TorrentState, site: SiteState, nowMs: number): void {
  const fetching = site.claims.isFetcher(nowMs);
  const kept = new Map<string, number>();
  const outside = [...torrent.peers.values()].filter((peer) => !isLan(peer) && peer.site !== undefined);
  for (const peer of outside.sort((a, b) => usefulness(b) - usefulness(a))) {
    const label = peer.place.label ?? peer.key;
    const count = kept.get(label) ?? 0;
    kept.set(label, count + 1);
    const needed = fetching ? count < CONNECTIONS_PER_SITE : !peer.connection.outgoing;
    if (needed || !isIdle(peer, nowMs)) continue;
    torrent.peerList.notNeeded(peer.address, nowMs);
    peer.connection.close('not needed: others of the site fetch');
  }
}

function usefulness(peer: Peer): number {
  return (peer.site?.status.fetching === true ? 2 : 0) + (peer.pieces.complete ? 1 : 0);
}

function isIdle(peer: Peer, nowMs: number): boolean {
  if (peer.requests.size > 0 || peer.uploads.length > 0 || peer.uploads.sending !== undefined) return false;
  return nowMs - peer.connection.openedMs > IDLE_WAN_MS && nowMs - peer.lastPayloadMs > IDLE_WAN_MS;
}

/** Changes are told to everybody at once, rates to the site while they matter, and a sign of life now and then. */
function report(torrent: TorrentState, site: SiteState, nowMs: number): void {
  const status = statusOf(torrent);
  const flags = `${status.able} ${status.fetching} ${status.hungryDown} ${status.hungryUp}`;
  const changed = flags !== site.reportedFlags;
  const dueMs = status.fetching ? REPORT_MS : SIGN_OF_LIFE_MS;
  if (!changed && (torrent.phase !== 'downloading' || nowMs - site.reportedMs < dueMs)) return;
  site.reportedMs = nowMs;
  site.reportedFlags = flags;
  const message = encodeSiteMessage({ type: 'status', status });
  for (const peer of torrent.peers.values()) {
    if (peer.greeted && (changed || isLan(peer))) peer.connection.protocol.extension(SITE_EXTENSION, message);
  }
}

function sourceOf(torrent: TorrentState, key: string): Peer | undefined {
  for (const peer of torrent.peers.values()) if (peer.key === key) return peer;
  return undefined;
}

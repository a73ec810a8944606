/*
 * Who belongs to our site, and what its members tell each other: a hello when both know the extension, then claims, renewals, reports.
 * Brine peers of other sites speak it too; what they claim are hints.
 */
import { SITE_EXTENSION, WireError, decodeSiteMessage, encodeSiteMessage } from '@brine/wire';
import type { SiteMessage } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import { nameOfBytes, nameOfText } from '../../policy/rendezvous.ts';
import { isSiteLabel } from '../../sites/site-label.ts';
import type { TorrentState } from '../torrent-state.ts';
import { applyPlace } from '../peer-place.ts';
import { introduceClaims, send, statusOf, tellPieces } from './announcements.ts';
import { siteChanged } from './meeting.ts';
import { recount } from './givers.ts';
import { answerPing, onPong } from './queue-probe.ts';
import { noteBrine } from './served-at-home.ts';
import { isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';
import { adoptStarted, giveWay } from './wan-fetching.ts';

/** A message in excess of these is a flood: so many saved up, so many gained each second. */
const MESSAGES_SAVED_MAX = 200;
const MESSAGES_PER_SECOND = 20;
/** A piece that a member announces was claimed, and claimed, held or released by others: small pieces on a fast line are many a second. */
const MESSAGES_PER_PIECE = 4;
/** Sites that the pieces of the origin are divided among. */
const OTHER_SITES_MAX = 64;

/** The peer speaks our extension: say who we are, once. */
export function greet(torrent: TorrentState, peer: Peer): void {
  if (peer.greeted || peer.extended?.messages.has(SITE_EXTENSION) !== true) return;
  const { neighbourhood, clock } = torrent.shared;
  const message: SiteMessage = {
    type: 'hello',
    label: neighbourhood.label(clock.nowMs()) ?? '',
    status: statusOf(torrent),
  };
  peer.greeted = peer.connection.protocol.extension(SITE_EXTENSION, encodeSiteMessage(message));
  introduceClaims(torrent, peer);
}

/** A message of the extension. What is wrong with it ends the connection, as with every message. */
export function onSiteMessage(torrent: TorrentState, peer: Peer, payload: Uint8Array): void {
  const nowMs = torrent.shared.clock.nowMs();
  if (!withinRate(peer, nowMs)) {
    peer.connection.close('floods with site messages');
    return;
  }
  try {
    const message = decodeSiteMessage(payload);
    if (message !== undefined) obey(torrent, peer, message, nowMs);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    peer.connection.close(`protocol violation: ${error.message}`);
  }
}

/** The content is open, or was opened anew: those who are here already join its site. */
export function joinAll(torrent: TorrentState): void {
  for (const peer of torrent.peers.values()) joinSite(torrent, peer);
}

/** Interfaces have come or gone, or sites are configured otherwise: some peers may be nearer or farther than before. */
export function updatePlaces(torrent: TorrentState, nowMs: number): void {
  const { neighbourhood } = torrent.shared;
  const version = neighbourhood.version(nowMs);
  if (version === torrent.placesVersion) return;
  torrent.placesVersion = version;
  torrent.peerList.reclassify();
  for (const peer of torrent.peers.values()) {
    findPlace(torrent, peer, nowMs);
    // Our own label may be another.
    peer.greeted = false;
    greet(torrent, peer);
  }
}

export function leaveSite(torrent: TorrentState, peer: Peer): void {
  const site = torrent.content?.site;
  if (site === undefined) return;
  const nowMs = torrent.shared.clock.nowMs();
  site.claims.leave(peer.key, nowMs);
  site.news += 1;
  if (!isLan(peer)) return;
  // Came, promised, gave nothing, went: who does so again and again wants us to wait.
  if (peer.usefulCount > 0 && peer.downloadedBytes === 0)
    site.claims.strike(peer.connection.remote.ip, nowMs);
  recount(torrent, site);
}

/** The other sites that fetch, as far as we are connected to them; by their own word, which decides nothing but an order. */
export function otherSites(torrent: TorrentState): number[] {
  const own = torrent.shared.neighbourhood.label(torrent.shared.clock.nowMs());
  const labels = new Set<string>();
  for (const { place, site, pieces } of torrent.peers.values()) {
    const fetches = site !== undefined && place.class !== 'site' && !pieces.complete;
    if (fetches && place.label !== undefined && place.label !== own && labels.size < OTHER_SITES_MAX)
      labels.add(place.label);
  }
  return [...labels].map(nameOfText);
}

function obey(torrent: TorrentState, peer: Peer, message: SiteMessage, nowMs: number): void {
  const site = torrent.content?.site;
  switch (message.type) {
    case 'hello':
      noteBrine(torrent, peer, nowMs);
      // May come again: a site was renamed, or a machine has moved.
      peer.site = { label: isSiteLabel(message.label) ? message.label : undefined, status: message.status };
      greet(torrent, peer);
      findPlace(torrent, peer, nowMs);
      if (site !== undefined) site.otherSites = otherSites(torrent);
      siteChanged(torrent);
      torrent.shared.budgetChanged();
      return;
    case 'status':
      if (peer.site === undefined) return;
      peer.site.status = message.status;
      torrent.shared.budgetChanged();
      site?.claims.report(peer.key, message.status.able, nowMs);
      return;
    case 'ping':
      answerPing(peer, message.stamp);
      return;
    case 'pong':
      onPong(torrent, peer, message.stamp);
      return;
    case 'claim':
    case 'hold':
      if (site === undefined) return;
      if (isLan(peer)) contest(torrent, site, peer, message.pieces, message.type === 'hold', nowMs);
      else site.elsewhere.hear(inTorrent(torrent, message.pieces), nowMs);
      return;
    case 'release':
      if (site !== undefined) site.news += 1;
      if (isLan(peer)) site?.claims.hearRelease(peer.key, message.pieces);
      else site?.elsewhere.forget(message.pieces);
  }
}

function contest(
  torrent: TorrentState,
  site: SiteState,
  peer: Peer,
  pieces: readonly number[],
  held: boolean,
  nowMs: number,
): void {
  const { yielded, defended } = site.claims.hear(peer.key, inTorrent(torrent, pieces), held, nowMs);
  for (const piece of yielded) giveWay(torrent, piece);
  tellPieces(torrent, 'release', yielded);
  if (defended.length === 0) return;
  send(peer, 'hold', defended);
}

/** Where the peer is, as far as anybody knows now; it changes sites if that is somewhere else than before. */
function findPlace(torrent: TorrentState, peer: Peer, nowMs: number): void {
  const place = torrent.shared.neighbourhood.placeOf(peer.connection.remote.ip, nowMs, peer.site?.label);
  if (place.class !== peer.place.class) leaveSite(torrent, peer);
  peer.place = place;
  applyPlace(torrent, peer);
  joinSite(torrent, peer);
}

/** A peer of our site that speaks the extension becomes a member. */
function joinSite(torrent: TorrentState, peer: Peer): void {
  const site = torrent.content?.site;
  if (site === undefined) return;
  if (isLan(peer)) recount(torrent, site);
  if (!isLan(peer) || peer.site === undefined || site.claims.isMember(peer.key)) return;
  const nowMs = torrent.shared.clock.nowMs();
  const first = site.claims.memberCount === 0;
  site.claims.join(peer.key, nameOfBytes(peer.peerId), peer.connection.remote.ip, nowMs);
  site.claims.report(peer.key, peer.site.status.able, nowMs);
  site.claims.setComplete(peer.key, isDone(peer));
  // What was begun before there was anybody to tell is ours, too.
  if (first) adoptStarted(torrent, site, nowMs);
  introduceClaims(torrent, peer);
}

/** It has everything, or all it wants. */
export function isDone(peer: Peer): boolean {
  return peer.pieces.complete || peer.uploadOnly;
}

function inTorrent({ content }: TorrentState, pieces: readonly number[]): number[] {
  const count = content?.geometry.pieceCount ?? 0;
  return pieces.filter((piece) => piece < count);
}

function withinRate(peer: Peer, nowMs: number): boolean {
  const waitedSeconds = (nowMs - peer.siteMessageMs) / 1000;
  const newPieces = Math.max(0, peer.pieces.count - peer.siteMessagePieces);
  const gained = waitedSeconds * MESSAGES_PER_SECOND + newPieces * MESSAGES_PER_PIECE;
  peer.siteMessages = Math.max(0, peer.siteMessages - gained) + 1;
  peer.siteMessagePieces = Math.max(peer.siteMessagePieces, peer.pieces.count);
  peer.siteMessageMs = nowMs;
  return peer.siteMessages <= MESSAGES_SAVED_MAX;
}

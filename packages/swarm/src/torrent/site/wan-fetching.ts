/*
 * Fetching over the WAN on behalf of the site: claim a piece, tell the others, fetch it when nobody objects. Claims run one piece ahead
 * of the requests, so that settling one never leaves the line idle. A source that has nothing else to send helps out with what a slower one
 * was not asked for yet.
 */
import { BLOCK_LENGTH } from '@brine/piece-store';

import type { Peer } from '../../peers/peer.ts';
import type { PieceSet } from '../../policy/piece-picker.ts';
import { SETTLE_MS } from '../../policy/site-claims.ts';
import type { PartialPiece } from '../partial-piece.ts';
import { beginPiece, releasePiece } from '../requests.ts';
import type { TorrentContent, TorrentState } from '../torrent-state.ts';
import { tellPieces } from './announcements.ts';
import { gives } from './givers.ts';
import { activeSite, isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';
import { HELP_OUT_AFTER_MS, choosePiece } from './wan-choice.ts';

/** Claims beyond what is being fetched from a peer. */
const CLAIMS_AHEAD = 1;

/** What a source is asked for within this time is not worth sharing. */
const SHARED_SECONDS_MIN = 0.25;

/** Who has had nothing to do for this long takes over what is slow elsewhere. */
const TAKE_OVER_AFTER_MS = 1_000;
const SLOW_SECONDS = 10;
const FASTER = 2;

/** What to ask a peer outside the site for next: the rest of what we claimed, or a new piece whose claim has settled. */
export function nextOverWan(
  torrent: TorrentState,
  content: TorrentContent,
  site: SiteState,
  peer: Peer,
  askable: PieceSet,
): PartialPiece | undefined {
  if (!site.met) return undefined;
  const nowMs = torrent.shared.clock.nowMs();
  claimAhead(torrent, content, site, peer, askable, nowMs);
  let unsettled = false;
  for (const claim of site.claims.own.values()) {
    if (!askable.has(claim.piece)) continue;
    const partial = torrent.partials.get(claim.piece);
    const free = partial === undefined ? claim.via === peer.key : (partial.owner ?? peer) === peer;
    if (!free || (partial !== undefined && (partial.openCount === 0 || partial.state !== 'collecting')))
      continue;
    if (!site.claims.isSettled(claim, nowMs)) {
      unsettled = true;
      continue;
    }
    if (partial === undefined) {
      const begun = beginPiece(torrent, content, peer, claim.piece);
      if (begun !== undefined) peer.drySinceMs = undefined;
      if (begun !== undefined) claimAhead(torrent, content, site, peer, askable, nowMs);
      return begun;
    }
    partial.owner = peer;
    return partial;
  }
  if (unsettled) wakeLater(torrent, site, SETTLE_MS);
  const shared = slowestElsewhere(torrent, site, peer, askable, nowMs);
  if (shared !== undefined) return shared;
  if (peer.requests.size > 0) return undefined;
  if (peer.drySinceMs === undefined) {
    peer.drySinceMs = nowMs;
    peer.rateWhenDry = peer.downRate.bytesPerSecond(nowMs);
  }
  // Only once: if there is nothing to help with then, it is for the next `have` or the next second to say that there is.
  if (nowMs - peer.drySinceMs < HELP_OUT_AFTER_MS) wakeLater(torrent, site, HELP_OUT_AFTER_MS);
  return nowMs - peer.drySinceMs < TAKE_OVER_AFTER_MS
    ? undefined
    : takeOver(torrent, content, site, peer, askable, nowMs);
}

/**
 * The piece that another source will take longest for, if this one has it, too: the two share what has not been asked for. Nothing crosses
 * the line twice. Who has everything gives what nobody else has.
 */
function slowestElsewhere(
  torrent: TorrentState,
  site: SiteState,
  peer: Peer,
  askable: PieceSet,
  nowMs: number,
): PartialPiece | undefined {
  if (peer.pieces.complete) return undefined;
  let slowest: PartialPiece | undefined;
  let longest = SHARED_SECONDS_MIN;
  for (const piece of site.claims.own.keys()) {
    const partial = torrent.partials.get(piece);
    if (partial?.state !== 'collecting' || partial.openCount === 0 || partial.exclusive) continue;
    if (partial.owner === undefined || partial.owner === peer || !askable.has(piece)) continue;
    const seconds = (partial.openCount * BLOCK_LENGTH) / partial.owner.downRate.bytesPerSecond(nowMs);
    if (seconds <= longest) continue;
    slowest = partial;
    longest = seconds;
  }
  return slowest;
}

/**
 * A piece of ours that a slow peer would take long to complete, taken from it and given to one that has nothing to do and was faster.
 * Instead of endgame: over the WAN, nothing is asked for twice.
 */
function takeOver(
  torrent: TorrentState,
  content: TorrentContent,
  site: SiteState,
  peer: Peer,
  askable: PieceSet,
  nowMs: number,
): PartialPiece | undefined {
  for (const { piece, sinceMs } of site.claims.own.values()) {
    const partial = torrent.partials.get(piece);
    // A rate needs a while to mean something.
    if (nowMs - sinceMs < (1000 * SLOW_SECONDS) / 2) continue;
    if (partial?.state !== 'collecting' || partial.owner === undefined || !askable.has(piece)) continue;
    const rate = partial.owner.downRate.bytesPerSecond(nowMs);
    const seconds = (content.geometry.pieceLength * (1 - partial.receivedCount / partial.blockCount)) / rate;
    if (seconds < SLOW_SECONDS || peer.rateWhenDry < rate * FASTER) continue;
    releasePiece(torrent, partial);
    partial.owner = peer;
    peer.drySinceMs = undefined;
    return partial;
  }
  return undefined;
}

/** The first member has come: what we are fetching over the WAN is claimed from now on. */
export function adoptStarted(torrent: TorrentState, site: SiteState, nowMs: number): void {
  for (const { piece, owner } of torrent.partials.values()) {
    if (owner !== undefined && !isLan(owner) && !site.claims.own.has(piece))
      site.claims.take(piece, owner.key, nowMs);
  }
}

/** Somebody else fetches the piece: we stop, but keep what has come; the rest will come over the LAN. */
export function giveWay(torrent: TorrentState, piece: number): void {
  const partial = torrent.partials.get(piece);
  if (partial?.owner !== undefined && !isLan(partial.owner)) releasePiece(torrent, partial);
}

/** The LAN has a piece: nobody needs to fetch it any more, unless most of it is here. */
export function onLanHasPiece(torrent: TorrentState, peer: Peer, piece: number): void {
  const site = torrent.content?.site;
  if (site === undefined) return;
  if (!gives(torrent, peer)) {
    site.claims.hearRelease(peer.key, [piece]);
    return;
  }
  site.holdings.add(piece);
  site.claims.arrived(piece);
  if (!site.claims.own.has(piece)) return;
  const partial = torrent.partials.get(piece);
  if (partial !== undefined && partial.receivedCount * 2 >= partial.blockCount) return;
  giveWay(torrent, piece);
  site.claims.give(piece);
  tellPieces(torrent, 'release', [piece]);
}

/** A piece is ours: its claim has served. */
export function onPieceOurs(torrent: TorrentState, piece: number): void {
  const site = torrent.content?.site;
  if (site === undefined) return;
  site.claims.give(piece);
  site.claims.arrived(piece);
  site.gainedMs = torrent.shared.clock.nowMs();
}

function claimAhead(
  torrent: TorrentState,
  content: TorrentContent,
  site: SiteState,
  peer: Peer,
  askable: PieceSet,
  nowMs: number,
): void {
  // To search and find nothing costs a look at many pieces: not again before something has changed.
  if (peer.searchedAtNews === site.news || !site.claims.isFetcher(nowMs)) return;
  let ahead = 0;
  for (const { piece, via } of site.claims.own.values()) {
    if (via === peer.key && !torrent.partials.has(piece)) ahead += 1;
  }
  const taken: number[] = [];
  while (ahead < CLAIMS_AHEAD) {
    const piece = choosePiece(torrent, content, site, peer, askable);
    if (piece === -1) {
      peer.searchedAtNews = site.news;
      break;
    }
    site.claims.take(piece, peer.key, nowMs);
    taken.push(piece);
    ahead += 1;
  }
  tellPieces(torrent, 'claim', taken);
}

function wakeLater(torrent: TorrentState, site: SiteState, delayMs: number): void {
  if (site.wakeArmed) return;
  site.wakeArmed = true;
  torrent.shared.clock.schedule(delayMs, () => {
    site.wakeArmed = false;
    site.news += 1;
    if (activeSite(torrent) === site) torrent.receive({ type: 'site-changed' });
  });
}

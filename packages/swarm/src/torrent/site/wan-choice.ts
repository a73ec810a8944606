/*
 * Which piece to fetch next from a peer outside the site, in the order of what matters: the origin gives each piece once, so sites ask
 * it for different ones; members of a site divide the pieces among themselves; nearer sites come before farther ones.
 */
import type { Peer } from '../../peers/peer.ts';
import type { PieceSet } from '../../policy/piece-picker.ts';
import { nameOfText, rendezvousScore } from '../../policy/rendezvous.ts';
import type { TorrentContent, TorrentState } from '../torrent-state.ts';
import { isGiving } from './givers.ts';
import { isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';

/**
 * A peer that has had nothing to send us for this long may help out with pieces that are others' to fetch. Those others have heard of
 * their pieces when we have, and claim them at once if they can.
 */
export const HELP_OUT_AFTER_MS = 300;
/** Pieces that other sites have come from them, unless that would take longer than this while the line is not full. */
const RELAY_PATIENCE_SECONDS = 4;
/** The line counts as full above this part of the best that it ever brought us. */
const FULL_LINE = 0.5;

type Condition = (piece: number) => boolean;

/** A piece to claim, or -1: wanted, not begun, with nobody of the LAN, claimed by nobody. */
export function choosePiece(
  torrent: TorrentState,
  content: TorrentContent,
  site: SiteState,
  peer: Peer,
  askable: PieceSet,
): number {
  const nowMs = torrent.shared.clock.nowMs();
  const open = openPieces(torrent, site, peer, askable, nowMs);
  const ours: Condition = (piece) => site.claims.isFirst(piece, nowMs);
  const idle = peer.drySinceMs !== undefined && nowMs - peer.drySinceMs >= HELP_OUT_AFTER_MS;

  const stranded = strandedPiece(torrent, open);
  if (stranded !== -1) return stranded;
  const led = leadsAmongSites(torrent, site, peer, nowMs);
  if (!peer.pieces.complete) {
    for (const conditions of [[open, ours, led], [open, ours], ...(idle ? [[open]] : [])]) {
      const piece = rarest(content, askable, ...conditions);
      if (piece !== -1) return piece;
    }
    return -1;
  }
  const relays = relaysOf(torrent, site, nowMs);
  /** Nobody outside has it but those who have everything, and nobody says that it is on its way. */
  const unborn: Condition = (piece) =>
    open(piece) &&
    (content.picker.rarity(piece) === 0 || !relays.some(({ pieces }) => pieces.has(piece))) &&
    !site.elsewhere.has(piece, nowMs);
  const next = inOrder(content, site, askable, 'first', unborn, led, ours);
  if (next !== -1 || !idle) return next;
  const helping = inOrder(content, site, askable, 'last', unborn, led);
  if (helping !== -1) return helping;
  const other = nextInRank(torrent, content, site, askable, unborn, nowMs);
  if (other !== -1) return other;
  return relaysAreSlow(torrent, content, site, nowMs) ? rarest(content, askable, open) : -1;
}

function openPieces(
  torrent: TorrentState,
  { claims, holdings }: SiteState,
  peer: Peer,
  askable: PieceSet,
  nowMs: number,
): Condition {
  const nearer = nearerPeers(torrent, peer);
  return (piece) =>
    askable.has(piece) &&
    !holdings.has(piece) &&
    !claims.own.has(piece) &&
    !claims.isTaken(piece, nowMs) &&
    !nearer.some(({ pieces }) => pieces.has(piece));
}

function rarest({ picker }: TorrentContent, askable: PieceSet, ...conditions: readonly Condition[]): number {
  return picker.pick({ count: askable.count, has: all(conditions) }, askable.bits !== undefined);
}

/** All are equally rare, so that order decides; unless somebody has said what comes first. */
function inOrder(
  content: TorrentContent,
  site: SiteState,
  askable: PieceSet,
  end: 'first' | 'last',
  ...conditions: readonly Condition[]
): number {
  const { picker } = content;
  if (!picker.indifferent) return rarest(content, askable, ...conditions);
  return site.order[end](all([(piece) => picker.isOpen(piece), ...conditions]), (piece) =>
    picker.isHad(piece),
  );
}

/**
 * One of those that other sites lead, for which we come soonest after them: everybody who helps out takes another. (Simulated with 6 sites:
 * without it the last pieces left the origin two or three times.)
 */
function nextInRank(
  torrent: TorrentState,
  content: TorrentContent,
  site: SiteState,
  askable: PieceSet,
  condition: Condition,
  nowMs: number,
): number {
  const { picker } = content;
  if (!picker.indifferent) return rarest(content, askable, condition);
  const rankOf = rankAmongSites(torrent, site, nowMs);
  const fits = all([(piece) => picker.isOpen(piece), condition]);
  let next = -1;
  let lowest = Infinity;
  const isNext: Condition = (piece) => {
    const rank = fits(piece) ? rankOf(piece) : Infinity;
    if (rank < lowest) [next, lowest] = [piece, rank];
    // Nothing is lower: we lead none of them, or all.
    return rank <= 1;
  };
  site.order.last(isNext, (piece) => picker.isHad(piece));
  return next;
}

function all(conditions: readonly Condition[]): Condition {
  return (piece) => conditions.every((holds) => holds(piece));
}

/** A piece that was begun, and that nobody goes on with. */
function strandedPiece(torrent: TorrentState, open: Condition): number {
  for (const partial of torrent.partials.values()) {
    if (partial.owner === undefined && partial.state === 'collecting' && open(partial.piece))
      return partial.piece;
  }
  return -1;
}

/** Peers of other sites that have something and pass it on. What one merely says that it has keeps nobody from the origin. */
function relaysOf(torrent: TorrentState, { relayTrust }: SiteState, nowMs: number): Peer[] {
  const relays: Peer[] = [];
  for (const peer of torrent.peers.values()) {
    if (isLan(peer) || peer.pieces.complete || peer.pieces.count === 0) continue;
    if (isGiving(peer, nowMs) && !relayTrust.owes(peer.connection.remote.ip)) relays.push(peer);
  }
  return relays;
}

/** Peers of sites that are nearer than the peer's, and that would give. */
function nearerPeers(torrent: TorrentState, { place: { nearness } }: Peer): Peer[] {
  const nearer: Peer[] = [];
  for (const other of torrent.peers.values()) {
    const gives = !other.peerChoking && !other.depth.snubbed;
    if (!isLan(other) && gives && other.place.nearness > nearness) nearer.push(other);
  }
  return nearer;
}

/**
 * Whether our site is the one, of those that fetch, to ask the peer for a piece; the peer's own site has it. Sites that ask the same
 * machine for the same pieces get them all late, and have nothing to give each other meanwhile.
 */
function leadsAmongSites(torrent: TorrentState, site: SiteState, { place }: Peer, nowMs: number): Condition {
  const source = place.label === undefined ? undefined : nameOfText(place.label);
  const rankOf = rankAmongSites(torrent, site, nowMs, source);
  return (piece) => rankOf(piece) === 0;
}

/** How many of the other sites come before ours for a piece, by rendezvous; `source` is not counted, since it has the piece. */
function rankAmongSites(
  torrent: TorrentState,
  { otherSites }: SiteState,
  nowMs: number,
  source?: number,
): (piece: number) => number {
  const label = torrent.shared.neighbourhood.label(nowMs);
  if (label === undefined) return () => 0;
  const own = nameOfText(label);
  return (piece) => {
    const score = rendezvousScore(own, piece);
    let rank = 0;
    for (const other of otherSites) if (other !== source && rendezvousScore(other, piece) > score) rank += 1;
    return rank;
  };
}

/** What other sites have would take long to come from them, though the line could bring more: then the origin may give it again. */
function relaysAreSlow(
  torrent: TorrentState,
  { picker, geometry, store }: TorrentContent,
  { holdings, claims, bestRate }: SiteState,
  nowMs: number,
): boolean {
  const rate = wanRate(torrent, nowMs);
  if (rate > FULL_LINE * bestRate) return false;
  let missing = 0;
  for (let piece = 0; piece < geometry.pieceCount; piece += 1) {
    if (!store.has(piece) && picker.isWanted(piece) && !holdings.has(piece)) missing += 1;
  }
  const fetchers = Math.max(1, claims.fetcherCount(nowMs));
  return missing * geometry.pieceLength > RELAY_PATIENCE_SECONDS * rate * fetchers;
}

/** Bytes per second that this torrent brings from outside the site. */
export function wanRate({ classMeters: { near, wan } }: TorrentState, nowMs: number): number {
  return near.downRate.bytesPerSecond(nowMs) + wan.downRate.bytesPerSecond(nowMs);
}

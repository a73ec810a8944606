/*
 * Which piece to fetch next from a peer outside the site, in the order of what matters: the origin gives each piece once, so sites ask
 * it for different ones; members of a site divide the pieces among themselves; nearer sites come before farther ones.
 */
import type { Peer } from '../../peers/peer.ts';
import type { PieceSet } from '../../policy/piece-picker.ts';
import { nameOfText, rendezvousScore } from '../../policy/rendezvous.ts';
import type { TorrentContent, TorrentState } from '../torrent-state.ts';
import { isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';

/** Pieces that other sites have come from them, unless that would take longer than this. */
const RELAY_PATIENCE_SECONDS = 4;

/** A piece to claim, or -1: wanted, not begun, with nobody of the LAN, claimed by nobody. */
export function choosePiece(
  torrent: TorrentState,
  content: TorrentContent,
  site: SiteState,
  peer: Peer,
  askable: PieceSet,
): number {
  const nowMs = torrent.shared.clock.nowMs();
  const { claims, holdings, elsewhere } = site;
  const { picker } = content;
  const nearer = nearerPeers(torrent, peer);
  const open = (piece: number): boolean =>
    askable.has(piece) &&
    !holdings.has(piece) &&
    !claims.own.has(piece) &&
    !claims.isTaken(piece, nowMs) &&
    !nearer.some(({ pieces }) => pieces.has(piece));
  const ours = (piece: number): boolean => claims.isFirst(piece, nowMs);
  const pick = (...conditions: readonly ((piece: number) => boolean)[]): number =>
    picker.pick({ count: askable.count, has: (piece) => conditions.every((holds) => holds(piece)) });

  const stranded = strandedPiece(torrent, open);
  if (stranded !== -1) return stranded;
  if (!peer.pieces.complete)
    return firstOf(
      () => pick(open, ours),
      () => pick(open),
    );

  const own = torrent.shared.neighbourhood.label(nowMs);
  const ownName = own === undefined ? undefined : nameOfText(own);
  /** Nobody outside has it but those who have everything, and nobody says that it is on its way. */
  const unborn = (piece: number): boolean =>
    open(piece) && picker.rarity(piece) === 0 && !elsewhere.has(piece, nowMs);
  const oursAmongSites = (piece: number): boolean =>
    ownName === undefined || leads(ownName, site.otherSites, piece);
  return firstOf(
    () => pick(unborn, oursAmongSites, ours),
    () => pick(unborn, oursAmongSites),
    () => pick(unborn, ours),
    () => pick(unborn),
    () => (relaysAreSlow(torrent, content, site, nowMs) ? pick(open) : -1),
  );
}

/** A piece that was begun, and that nobody goes on with. */
function strandedPiece(torrent: TorrentState, open: (piece: number) => boolean): number {
  for (const partial of torrent.partials.values()) {
    if (partial.owner === undefined && partial.state === 'collecting' && open(partial.piece))
      return partial.piece;
  }
  return -1;
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

function leads(name: number, others: readonly number[], piece: number): boolean {
  const own = rendezvousScore(name, piece);
  return others.every((other) => other === name || rendezvousScore(other, piece) <= own);
}

/** What other sites have would take long to come from them: then the origin may give it a second time. */
function relaysAreSlow(
  torrent: TorrentState,
  { picker, geometry, store }: TorrentContent,
  { holdings, claims }: SiteState,
  nowMs: number,
): boolean {
  let rate = 0;
  for (const peer of torrent.peers.values()) {
    if (!isLan(peer) && !peer.pieces.complete) rate += peer.downRate.bytesPerSecond(nowMs);
  }
  let missing = 0;
  for (let piece = 0; piece < geometry.pieceCount; piece += 1) {
    if (!store.has(piece) && picker.isWanted(piece) && !holdings.has(piece)) missing += 1;
  }
  const fetchers = Math.max(1, claims.fetcherCount(nowMs));
  return missing * geometry.pieceLength > RELAY_PATIENCE_SECONDS * rate * fetchers;
}

function firstOf(...choices: readonly (() => number)[]): number {
  for (const choice of choices) {
    const piece = choice();
    if (piece !== -1) return piece;
  }
  return -1;
}

import type { Peer } from '../peers/peer.ts';
import { onLanHasPiece } from './site/wan-fetching.ts';
import { hasAllWanted } from './torrent-state.ts';
import type { TorrentState } from './torrent-state.ts';

/** Counts anew what a peer has that we want, and tells it when that changes our interest. */
export function refreshInterest(torrent: TorrentState, peer: Peer): void {
  peer.usefulCount = countUseful(torrent, peer);
  peer.searchedAtNews = undefined;
  tellInterest(peer);
}

/**
 * Tells a peer whether we are interested, if it does not know. That we are, it hears at once; that we are not any more, about once a second:
 * machines that have the same pieces, one a moment before the other, would tell each other so twice for every piece.
 */
export function tellInterest(peer: Peer): void {
  const interested = peer.usefulCount > 0;
  if (interested === peer.amInterested) return;
  peer.amInterested = interested;
  if (interested) peer.connection.protocol.interested();
  else peer.connection.protocol.notInterested();
}

/** The peer got a piece. */
export function peerGainedPiece(torrent: TorrentState, peer: Peer, piece: number): void {
  if (peer.place.class === 'site') onLanHasPiece(torrent, peer, piece);
  else peer.searchedAtNews = undefined;
  if (!isMissing(torrent, piece)) return;
  peer.usefulCount += 1;
  tellInterest(peer);
}

/** The peer has a piece no more. */
export function peerLostPiece(torrent: TorrentState, peer: Peer, piece: number): void {
  if (isMissing(torrent, piece)) peer.usefulCount -= 1;
}

/** We got a piece: it makes nobody interesting any more. With the last one we are interested in nobody, and say so. */
export function pieceIsOurs(torrent: TorrentState, piece: number): void {
  const last = hasAllWanted(torrent);
  for (const peer of torrent.peers.values()) {
    if (peer.usefulCount > 0 && peer.pieces.has(piece)) peer.usefulCount -= 1;
    if (last) tellInterest(peer);
  }
}

function countUseful(torrent: TorrentState, peer: Peer): number {
  const { content } = torrent;
  if (content === undefined || torrent.paused || peer.pieces.count === 0) return 0;
  if (peer.pieces.complete) return content.picker.wantedMissingCount;
  let count = 0;
  for (let piece = 0; piece < content.geometry.pieceCount; piece += 1) {
    if (peer.pieces.has(piece) && isMissing(torrent, piece)) count += 1;
  }
  return count;
}

function isMissing({ content }: TorrentState, piece: number): boolean {
  return content !== undefined && content.picker.isWanted(piece) && !content.store.has(piece);
}

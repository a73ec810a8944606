/*
 * Super-seeding towards clients that do not agree among themselves who fetches what. Brine peers do, and see everything at once.
 */
import { SITE_EXTENSION } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import { SuperSeeding } from '../policy/super-seeding.ts';
import { isLan } from './site/site-state.ts';
import type { TorrentState } from './torrent-state.ts';

/** Whether a peer that joins now is to see nothing until it is known what it is. */
export function hidesPieces(torrent: TorrentState, peer: Peer): boolean {
  const { content, order, shared } = torrent;
  if (content === undefined || torrent.phase !== 'seeding' || isLan(peer)) return false;
  if (content.store.verifiedCount !== content.geometry.pieceCount) return false;
  return order.superSeed ?? shared.options.superSeed;
}

/** The peer joined, and was told that we have nothing. One without extensions will not say what it is. */
export function beginHidden(torrent: TorrentState, peer: Peer): void {
  peer.superSeeded = 'undecided';
  if (!peer.connection.protocol.features.extended) showFirst(torrent, peer);
}

/** It has said what it is; `showAll` tells it of everything. */
export function decideSuperSeeding(torrent: TorrentState, peer: Peer, showAll: () => void): void {
  if (peer.superSeeded !== 'undecided') return;
  if (peer.extended?.messages.has(SITE_EXTENSION) !== true) {
    showFirst(torrent, peer);
    return;
  }
  peer.superSeeded = 'no';
  showAll();
}

/** Whether the peer may ask for this piece: only for what it was shown. */
export function isShown({ superSeeding }: TorrentState, peer: Peer, piece: number): boolean {
  if (peer.superSeeded === 'no') return true;
  return peer.superSeeded === 'yes' && superSeeding?.mayRequest(peer, piece) === true;
}

/** A peer has a piece: whoever brought it there sees the next. */
export function onSeenAt(torrent: TorrentState, peer: Peer, piece: number): void {
  const { superSeeding, shared } = torrent;
  if (superSeeding === undefined) return;
  for (const giver of superSeeding.announced(peer, piece, shared.clock.nowMs())) showNext(torrent, giver);
}

/** Many clients do not tell us of pieces that we showed them; that they want nothing any more says it, too. */
export function onSated(torrent: TorrentState, peer: Peer): void {
  if (peer.superSeeded !== 'yes') return;
  const nowMs = torrent.shared.clock.nowMs();
  torrent.superSeeding?.hasCurrent(peer, nowMs);
  showToOverdue(torrent, nowMs);
}

/** To be called every second: nobody waits for ever. */
export function showToOverdue(torrent: TorrentState, nowMs: number): void {
  const { superSeeding } = torrent;
  if (superSeeding === undefined) return;
  for (const peer of torrent.peers.values()) if (!peer.peerInterested) superSeeding.hasCurrent(peer, nowMs);
  for (const peer of superSeeding.overdue(nowMs)) showNext(torrent, peer);
}

function showFirst(torrent: TorrentState, peer: Peer): void {
  const { content, shared } = torrent;
  if (content === undefined) return;
  peer.superSeeded = 'yes';
  torrent.superSeeding ??= new SuperSeeding({
    pieceCount: content.geometry.pieceCount,
    rarity: (piece) => content.picker.rarity(piece),
    random: () => shared.random.next(),
  });
  show(
    peer,
    torrent.superSeeding.join(peer, (piece) => peer.pieces.has(piece)),
  );
}

function showNext({ superSeeding }: TorrentState, peer: Peer): void {
  show(peer, superSeeding?.showNext(peer, (piece) => peer.pieces.has(piece)) ?? -1);
}

function show(peer: Peer, piece: number): void {
  if (piece === -1) return;
  peer.connection.protocol.have(piece);
  peer.connection.flush();
}

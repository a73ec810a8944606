import { BLOCK_LENGTH } from '@brine/piece-store';
import { checkBitfield, WireError } from '@brine/wire';
import type { PeerEvent } from '@brine/wire';

import type { EarlyAnnouncement, Peer } from '../peers/peer.ts';
import { onExtendedHandshake, onPex } from './extended-peer.ts';
import { peerGainedPiece, peerLostPiece, refreshInterest } from './interest.ts';
import { onMetadataData, onMetadataReject, onMetadataRequest } from './metadata-exchange.ts';
import type { PartialPiece } from './partial-piece.ts';
import { receiveBlock } from './receive-block.ts';
import { onInterestChanged } from './rechoke.ts';
import { noteRefusal, releaseRequest, releaseRequests } from './requests.ts';
import { onCancel, onInvalidRequest, onRequest } from './serve-requests.ts';
import { onSiteMessage } from './site/members.ts';
import { onSated, onSeenAt } from './super-seed.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** Pieces that a peer may allow us to request while it chokes us; BEP 6 suggests 10. */
const ALLOWED_FAST_MAX = 64;
/** Bitfields in a row, and one each second after that. */
const REPLACEMENTS_MAX = 10;
/** Announcements kept for a peer while the number of pieces is unknown. */
const EARLY_MAX = 4_096;

/** What one message of a peer means for its torrent. Returns the piece that became whole with it, if one did. */
export function onPeerMessage(torrent: TorrentState, peer: Peer, event: PeerEvent): PartialPiece | undefined {
  switch (event.type) {
    case 'block':
      return receiveBlock(torrent, peer, event);
    case 'request':
      onRequest(torrent, peer, event);
      return;
    case 'invalid-request':
      onInvalidRequest(peer, event);
      return;
    case 'cancel':
      onCancel(peer, event);
      return;
    case 'reject':
      onReject(torrent, peer, event.piece, event.begin);
      return;
    case 'choke':
      peer.peerChoking = true;
      peer.chokedSinceMs = torrent.shared.clock.nowMs();
      // With Fast, every request is still answered one by one.
      if (!peer.connection.protocol.features.fast) releaseRequests(torrent, peer, false);
      return;
    case 'unchoke':
      peer.peerChoking = false;
      peer.searchedAtNews = undefined;
      return;
    case 'interested':
    case 'not-interested':
      peer.peerInterested = event.type === 'interested';
      onInterestChanged(torrent, peer);
      if (!peer.peerInterested) onSated(torrent, peer);
      return;
    case 'bitfield':
    case 'have-all':
    case 'have-none':
    case 'have':
    case 'dont-have':
    case 'allowed-fast':
      onAnnouncement(torrent, peer, event);
      return;
    case 'extended-handshake':
      onExtendedHandshake(torrent, peer, event.handshake);
      return;
    case 'metadata-request':
      onMetadataRequest(torrent, peer, event.piece);
      return;
    case 'metadata-data':
      onMetadataData(torrent, peer, event);
      return;
    case 'metadata-reject':
      onMetadataReject(torrent, peer, event.piece);
      return;
    case 'pex':
      onPex(torrent, peer, event);
      return;
    case 'upload-only':
      peer.uploadOnly = event.uploadOnly;
      return;
    case 'handshake':
    case 'violation':
    case 'keep-alive':
    case 'suggest':
    case 'dht-port':
      return;
    case 'extension':
      onSiteMessage(torrent, peer, event.payload);
      return;
  }
}

/** A magnet's metadata is here: what the peer said before makes sense now. */
export function replayEarly(torrent: TorrentState, peer: Peer): void {
  for (const event of peer.early.splice(0)) onAnnouncement(torrent, peer, event);
}

function onAnnouncement(torrent: TorrentState, peer: Peer, event: EarlyAnnouncement): void {
  const { content } = torrent;
  if (content === undefined) {
    if (peer.early.length >= EARLY_MAX)
      peer.connection.close('announces too much before the metadata is known');
    else keepEarly(peer, event);
    return;
  }
  const { picker, geometry } = content;
  switch (event.type) {
    case 'bitfield':
    case 'have-all':
    case 'have-none':
      if (!mayReplace(torrent, peer) || (event.type === 'bitfield' && !isSound(peer, event.bits, torrent)))
        return;
      picker.removePeer(peer.pieces);
      if (event.type === 'bitfield') peer.pieces.assign(event.bits);
      else if (event.type === 'have-all') peer.pieces.fill();
      else peer.pieces.clear();
      picker.addPeer(peer.pieces);
      refreshInterest(torrent, peer);
      return;
    case 'have':
      if (event.piece >= geometry.pieceCount)
        peer.connection.close(`has piece ${event.piece} of ${geometry.pieceCount}`);
      else if (peer.pieces.add(event.piece)) {
        peer.gainedMs = torrent.shared.clock.nowMs();
        picker.increment(event.piece);
        onSeenAt(torrent, peer, event.piece);
        peerGainedPiece(torrent, peer, event.piece);
      }
      return;
    case 'dont-have':
      onPieceLost(torrent, content, peer, event.piece);
      return;
    case 'allowed-fast':
      peer.allowedFast ??= new Set();
      if (event.piece < geometry.pieceCount && peer.allowedFast.size < ALLOWED_FAST_MAX)
        peer.allowedFast.add(event.piece);
  }
}

/** What a peer has as a whole replaces all that it announced before. */
function keepEarly(peer: Peer, event: EarlyAnnouncement): void {
  if (event.type === 'bitfield' || event.type === 'have-all' || event.type === 'have-none')
    peer.early.length = 0;
  peer.early.push(event.type === 'bitfield' ? { ...event, bits: new Uint8Array(event.bits) } : event);
}

/**
 * BEP 3 wants a bitfield once, in the first message. Real clients differ: libtorrent sends it when it has the metadata, aria2 instead
 * of many haves whenever it is shorter (seen with 1.36). So it may come again, but not so often that counting it is all we do.
 */
function mayReplace(torrent: TorrentState, peer: Peer): boolean {
  const nowMs = torrent.shared.clock.nowMs();
  peer.replacements = Math.max(0, peer.replacements - (nowMs - peer.replacedMs) / 1000) + 1;
  peer.replacedMs = nowMs;
  if (peer.replacements <= REPLACEMENTS_MAX) return true;
  peer.connection.close('replaces its bitfield too often');
  return false;
}

/** BEP 54. A complete set has no bits to change one of; from then on it has. */
function onPieceLost(torrent: TorrentState, { picker }: TorrentContent, peer: Peer, piece: number): void {
  if (!peer.pieces.has(piece)) return;
  if (peer.pieces.bits === undefined) {
    picker.removePeer(peer.pieces);
    peer.pieces.remove(piece);
    picker.addPeer(peer.pieces);
  } else {
    picker.decrement(piece);
    peer.pieces.remove(piece);
  }
  peerLostPiece(torrent, peer, piece);
}

/** A bitfield that was kept since before the metadata has not been checked against it. */
function isSound(peer: Peer, bits: Uint8Array, { content }: TorrentState): boolean {
  try {
    checkBitfield(bits, content!.geometry);
    return true;
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    peer.connection.close(`protocol violation: ${error.message}`);
    return false;
  }
}

function onReject(torrent: TorrentState, peer: Peer, piece: number, begin: number): void {
  const { content } = torrent;
  if (content === undefined) return;
  const id = piece * content.blocksPerPiece + Math.floor(begin / BLOCK_LENGTH);
  if (!peer.requests.has(id)) return;
  releaseRequest(torrent, content, peer, id);
  // A peer that rejects what it allowed has changed its mind; asking again would only go in circles.
  if (peer.peerChoking) peer.allowedFast?.delete(piece);
  else noteRefusal(torrent, peer);
}

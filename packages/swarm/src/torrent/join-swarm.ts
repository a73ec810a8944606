import { allowedFastSet, completeBitfieldMessage, equalBytes } from '@brine/wire';
import type { Geometry } from '@brine/wire';

import type { PeerConnection } from '../peers/peer-connection.ts';
import { Peer, peerKey } from '../peers/peer.ts';
import { sendExtendedHandshake } from './extended-peer.ts';
import { applyPlace } from './peer-place.ts';
import { maySend } from './rechoke.ts';
import { releaseRequests } from './requests.ts';
import { hasBrinesAtHome } from './site/served-at-home.ts';
import { leaveSite } from './site/members.ts';
import { restIfDistrusted } from './site/stalls.ts';
import { endUploads } from './serve-requests.ts';
import { beginHidden, hidesPieces } from './super-seed.ts';
import type { TorrentState } from './torrent-state.ts';

/** Who has more pieces than this needs no head start. */
const ALLOWED_FAST_PIECES_MAX = 10;
/** The site is exempt from the cap for everybody else, but not from all reason. */
const SITE_CONNECTIONS_MAX = 1_000;

/** Both handshakes are through: the connection becomes a peer of this torrent, and we introduce ourselves. Undefined when it is one too many. */
export function joinSwarm(
  torrent: TorrentState,
  connection: PeerConnection,
  peerId: Uint8Array,
): Peer | undefined {
  if (isRefused(torrent, connection, peerId)) return undefined;
  const pieceCount = torrent.content?.geometry.pieceCount ?? 0;
  const place = torrent.shared.neighbourhood.placeOf(connection.remote.ip, torrent.shared.clock.nowMs());
  const limiters = torrent.limiters.addPeer(place.class);
  const isPrivate = torrent.info?.private ?? false;
  const peer = new Peer(connection, peerId, { pieceCount, private: isPrivate, place, limiters });
  torrent.peers.set(connection, peer);
  torrent.shared.dialer.joined(connection);
  connection.limitReading(limiters.down, torrent.shared.limiters.queues.down);
  applyPlace(torrent, peer);
  restIfDistrusted(torrent, peer);
  torrent.shared.emit('peer-connected', {
    id: torrent.id,
    address: peer.address,
    outgoing: connection.outgoing,
  });
  const hides = hidesPieces(torrent, peer);
  if (!hides) announceOurs(torrent, peer);
  else if (connection.protocol.features.fast) connection.protocol.haveNone();
  sendExtendedHandshake(torrent, peer);
  if (hides) beginHidden(torrent, peer);
  else grantFast(torrent, peer);
  connection.flush();
  return peer;
}

/** The connection is gone, and everything that stood on it. */
export function leaveSwarm(torrent: TorrentState, peer: Peer): void {
  peer.peerInterested = false;
  releaseRequests(torrent, peer, false);
  endUploads(torrent, peer);
  peer.limiters.release();
  torrent.content?.picker.removePeer(peer.pieces);
  torrent.peers.delete(peer.connection);
  torrent.starved.delete(peer);
  leaveSite(torrent, peer);
  torrent.superSeeding?.leave(peer);
  torrent.pexOutbox.forget(peer.key);
  torrent.metadataServing.peerGone(peer.key);
  torrent.metadataDownload?.peerGone(peer.key);
}

/** What we have: the first message after the handshake, in its shortest form. */
function announceOurs({ content }: TorrentState, { connection }: Peer): void {
  const { protocol } = connection;
  const verified = content?.store.verifiedCount ?? 0;
  const complete = verified === content?.geometry.pieceCount;
  if (protocol.features.fast && verified === 0) protocol.haveNone();
  else if (protocol.features.fast && complete) protocol.haveAll();
  else if (content !== undefined && complete) sendCompleteBitfield(connection, content.geometry);
  else if (content !== undefined && verified > 0) protocol.bitfield(content.store.verifiedBits());
}

/** The same bytes for everybody. */
function sendCompleteBitfield(connection: PeerConnection, geometry: Geometry): void {
  let message = completeBitfields.get(geometry);
  if (message === undefined) {
    message = completeBitfieldMessage(geometry.pieceCount);
    completeBitfields.set(geometry, message);
  }
  connection.writeFrames(message, true, () => undefined);
}

const completeBitfields = new WeakMap<Geometry, Uint8Array>();

/** Lets a newcomer fetch a few pieces while it is choked, so that it soon has something to give. */
function grantFast(torrent: TorrentState, peer: Peer): void {
  const { content, shared } = torrent;
  // Which kind of client it is we do not know yet; at a site with Brines nobody needs a head start from here.
  if (!maySend(torrent, peer) || hasBrinesAtHome(torrent, peer, shared.clock.nowMs())) return;
  if (content === undefined || !peer.connection.protocol.features.fast || content.store.verifiedCount === 0)
    return;
  if (peer.pieces.count > ALLOWED_FAST_PIECES_MAX) return;
  const { pieceCount } = content.geometry;
  const pieces = allowedFastSet(peer.connection.remote.ip, torrent.infoHash, pieceCount, (bytes) =>
    shared.hasher.digest('sha1', bytes),
  );
  peer.grantedFast = new Set(pieces);
  for (const piece of pieces) peer.connection.protocol.allowedFast(piece);
}

/** Ourselves, a peer that is here already, a banned one, or more than the caps allow. */
function isRefused(torrent: TorrentState, connection: PeerConnection, peerId: Uint8Array): boolean {
  const { shared } = torrent;
  if (equalBytes(peerId, shared.peerId)) {
    torrent.peerList.isSelf(connection.remote);
    connection.close('connected to ourselves');
    return true;
  }
  if (torrent.peerList.isBanned(connection.remote, peerKey(connection, peerId))) {
    connection.close('banned');
    return true;
  }
  const isSite =
    shared.neighbourhood.placeOf(connection.remote.ip, shared.clock.nowMs()).class === 'site' &&
    torrent.peers.size < SITE_CONNECTIONS_MAX;
  for (const other of torrent.peers.values()) {
    if (!equalBytes(other.peerId, peerId)) continue;
    const loser = loserOfTwo(shared.peerId, other.connection, connection, peerId);
    loser.close('duplicate connection');
    if (loser === connection) return true;
  }
  if (torrent.peers.size >= shared.options.connectionsPerTorrentMax && !isSite) {
    connection.close('too many connections');
    return true;
  }
  return false;
}

/**
 * Two peers that dial each other at the same time end up with two connections, and must give up the same one: the survivor is
 * the one that the greater peer id dialled. Two in the same direction, as when a peer is known by two addresses: the newer goes, and
 * "newer" is one end's judgement alone. Who accepts answers the handshake of the survivor only, so the dialler never meets the other;
 * should a foreign acceptor answer both, common clients give up the newer as well.
 */
function loserOfTwo(
  ownId: Uint8Array,
  older: PeerConnection,
  newer: PeerConnection,
  peerId: Uint8Array,
): PeerConnection {
  if (older.outgoing === newer.outgoing) return newer;
  const oursSurvives = isGreater(ownId, peerId);
  return newer.outgoing === oursSurvives ? older : newer;
}

function isGreater(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at !== -1 && a[at]! > b[at]!;
}

import { SITE_EXTENSION, clientName } from '@brine/wire';
import type { ExtendedHandshake, PeerEvent, PexPeer } from '@brine/wire';

import { PEX_FLAGS, pexFlags } from '../discovery/pex.ts';
import type { Peer } from '../peers/peer.ts';
import { requestMetadata } from './metadata-exchange.ts';
import { greet } from './site/members.ts';
import { decideSuperSeeding, hidesPieces } from './super-seed.ts';
import type { TorrentState } from './torrent-state.ts';

/** Outstanding requests that we promise to keep for each peer. */
const REQUEST_QUEUE_OFFER = 1_500;

/** Says who we are and which extensions we speak, BEP 10. */
export function sendExtendedHandshake(torrent: TorrentState, peer: Peer): void {
  const { shared } = torrent;
  const listenPort = shared.listenPort();
  peer.connection.protocol.extendedHandshake({
    client: shared.options.clientName,
    requestQueueMax: REQUEST_QUEUE_OFFER,
    yourIp: peer.connection.remote.ip,
    uploadOnly: torrent.phase === 'seeding' && !hidesPieces(torrent, peer),
    offers: OFFERS.filter((name) => isOffered(torrent, name)),
    ...(listenPort === undefined ? {} : { listenPort }),
    ...(torrent.infoBytes === undefined ? {} : { metadataSize: torrent.infoBytes.length }),
  });
}

const OFFERS: readonly string[] = ['ut_pex', 'ut_metadata', 'upload_only', 'lt_donthave', SITE_EXTENSION];

function isOffered(torrent: TorrentState, extension: string): boolean {
  if (extension === 'ut_pex') return isPexAllowed(torrent);
  return extension !== SITE_EXTENSION || torrent.shared.options.site !== undefined;
}

/** What a peer says about itself; it may say more later, so only what is there counts. */
export function onExtendedHandshake(torrent: TorrentState, peer: Peer, handshake: ExtendedHandshake): void {
  peer.extended = { ...peer.extended, ...handshake };
  decideSuperSeeding(torrent, peer, () => {
    peer.connection.protocol.bitfield(torrent.content!.store.verifiedBits());
  });
  if (torrent.shared.options.site !== undefined) greet(torrent, peer);
  if (handshake.uploadOnly !== undefined) peer.uploadOnly = handshake.uploadOnly;
  if (handshake.listenPort !== undefined && !peer.connection.outgoing) {
    peer.listensAt = { ip: peer.connection.remote.ip, port: handshake.listenPort };
    torrent.peerList.listensAt(peer.listensAt);
    if (torrent.peerList.isBanned(peer.listensAt)) peer.connection.close('banned');
  }
  if (handshake.yourIp !== undefined && peer.connection.outgoing) {
    // Only those that we chose to dial are asked, and only an order depends on it: BEP 40.
    const port = torrent.shared.listenPort();
    if (port !== undefined) torrent.peerList.weAre({ ip: handshake.yourIp, port });
  }
  if (
    handshake.metadataSize !== undefined &&
    torrent.metadataDownload?.peerOffers(peer.key, handshake.metadataSize) === true
  ) {
    requestMetadata(torrent, peer);
  }
}

/** The client's name for people. */
export function nameOf(peer: Peer): string {
  return peer.extended?.client ?? clientName(peer.peerId);
}

/** Tells a peer which others are here, BEP 11; the outbox knows when it is due. */
export function sendPex(
  torrent: TorrentState,
  peer: Peer,
  connected: readonly PexPeer[],
  nowMs: number,
): void {
  if (peer.extended === undefined || !isPexAllowed(torrent)) return;
  const own = peer.listensAt;
  const message = torrent.pexOutbox.messageFor(peer.key, connected, nowMs, own);
  if (message !== undefined) peer.connection.protocol.pex(message.added, message.dropped);
}

/** The peers that others may be told of: those whose listening port is known. */
export function dialablePeers(torrent: TorrentState): PexPeer[] {
  const dialable: PexPeer[] = [];
  for (const { listensAt, connection, pieces, uploadOnly } of torrent.peers.values()) {
    if (listensAt === undefined) continue;
    const flags = pexFlags({ seed: uploadOnly || pieces.complete, outgoing: connection.outgoing });
    dialable.push({ ...listensAt, flags });
  }
  return dialable;
}

/** Peers that a peer tells of: candidates, never believed. */
export function onPex(
  torrent: TorrentState,
  peer: Peer,
  event: Extract<PeerEvent, { readonly type: 'pex' }>,
): void {
  if (!isPexAllowed(torrent)) return;
  const candidates = peer.pexInbox.accept(event, torrent.shared.clock.nowMs());
  if (peer.pexInbox.flooding) {
    peer.connection.close('floods with peer exchange');
    return;
  }
  const useful =
    torrent.phase === 'seeding'
      ? candidates.filter(({ flags }) => (flags & PEX_FLAGS.seed) === 0)
      : candidates;
  if (useful.length > 0)
    torrent.receive({
      type: 'peers-found',
      addresses: useful,
      source: 'pex',
      teller: peer.connection.remote,
    });
}

function isPexAllowed(torrent: TorrentState): boolean {
  return torrent.shared.options.pex && torrent.info?.private !== true;
}

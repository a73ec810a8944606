import type { PeerEvent } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import { ban } from './on-piece-outcome.ts';
import type { TorrentState } from './torrent-state.ts';

/** Asks a peer for what it should send of the info dictionary next, BEP 9. */
export function requestMetadata(torrent: TorrentState, peer: Peer): void {
  const pieces = torrent.metadataDownload?.nextRequests(peer.key, torrent.shared.clock.nowMs()) ?? [];
  for (const piece of pieces) peer.connection.protocol.metadataRequest(piece);
}

export function onMetadataData(
  torrent: TorrentState,
  peer: Peer,
  { piece, totalSize, bytes }: Extract<PeerEvent, { readonly type: 'metadata-data' }>,
): void {
  const outcome = torrent.metadataDownload?.received(peer.key, piece, totalSize, bytes);
  if (outcome === undefined) return;
  switch (outcome.type) {
    case 'complete':
      torrent.receive({ type: 'metadata', infoBytes: outcome.infoBytes });
      return;
    case 'violation':
      ban(torrent, peer, outcome.message);
      return;
    case 'corrupt':
      for (const liar of torrent.peers.values()) {
        if (outcome.banned.includes(liar.key)) ban(torrent, liar, 'sent corrupt metadata');
      }
      requestFromAll(torrent);
      return;
    case 'stored':
    case 'ignored':
      requestMetadata(torrent, peer);
  }
}

export function onMetadataReject(torrent: TorrentState, peer: Peer, piece: number): void {
  torrent.metadataDownload?.rejected(peer.key, piece, torrent.shared.clock.nowMs());
  requestFromAll(torrent);
}

/** Time passes, and with it patience: asks whoever may be asked now. */
export function requestFromAll(torrent: TorrentState): void {
  if (torrent.metadataDownload === undefined) return;
  for (const peer of torrent.peers.values()) {
    requestMetadata(torrent, peer);
    peer.connection.flush();
  }
}

export function onMetadataRequest(torrent: TorrentState, peer: Peer, piece: number): void {
  const answer = torrent.metadataServing.answer(peer.key, piece, torrent.shared.clock.nowMs());
  if (answer.type === 'data')
    peer.connection.protocol.metadataData(answer.piece, answer.totalSize, answer.bytes);
  else peer.connection.protocol.metadataReject(answer.piece);
}

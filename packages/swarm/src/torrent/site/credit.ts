import type { Peer } from '../../peers/peer.ts';
import type { PartialPiece } from '../partial-piece.ts';
import type { TorrentState } from '../torrent-state.ts';
import { isLan } from './site-state.ts';

/** A right piece by a single author: it is believed again. */
export function creditSite(torrent: TorrentState, { contributors }: PartialPiece): void {
  const author = contributors[0];
  const site = torrent.content?.site;
  if (site === undefined || contributors.some((contributor) => contributor !== author)) return;
  for (const peer of torrent.peers.values()) {
    const trust = isLan(peer) ? site.claims.trust : site.relayTrust;
    if (peer.key === author) trust.proved(peer.connection.remote.ip);
  }
}

/** It sent what was wrong: whoever comes from there is not believed, under whatever name. */
export function discreditSite(torrent: TorrentState, peer: Peer): void {
  if (isLan(peer))
    torrent.content?.site?.claims.blame(peer.connection.remote.ip, torrent.shared.clock.nowMs());
}

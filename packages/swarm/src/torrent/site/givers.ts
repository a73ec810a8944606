import type { Peer } from '../../peers/peer.ts';
import type { TorrentState } from '../torrent-state.ts';
import { isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';

/** Who chokes us for longer gives us nothing. */
const UNCHOKE_PATIENCE_MS = 5_000;

/** A LAN peer that does not give, or has deceived us before, has nothing as far as we are concerned. */
export function gives(torrent: TorrentState, peer: Peer): boolean {
  const owes = torrent.content?.site?.claims.trust.owes(peer.connection.remote.ip) ?? false;
  return !owes && isGiving(peer, torrent.shared.clock.nowMs());
}

/** It does not choke us, or has only just begun to, and answers what it was asked. */
export function isGiving(peer: Peer, nowMs: number): boolean {
  if (peer.depth.snubbed) return false;
  return !peer.peerChoking || nowMs - peer.chokedSinceMs < UNCHOKE_PATIENCE_MS;
}

/** Which pieces the LAN would give us, from those who do give. */
export function recount(torrent: TorrentState, site: SiteState): void {
  const givers = [...torrent.peers.values()].filter((peer) => isLan(peer) && gives(torrent, peer));
  site.holdings.recount(givers.map((peer) => peer.pieces));
}

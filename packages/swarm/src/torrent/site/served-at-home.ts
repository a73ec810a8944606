import { SITE_EXTENSION } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import type { TorrentState } from '../torrent-state.ts';

/** Who gets nothing at home for this long is served by us. Some clients do not tell seeds what they have got, and wait in vain. */
const PATIENCE_MS = 20_000;

/**
 * A client of another kind, at another site where Brines are: it would fetch over its site's line what they give it over the LAN a
 * moment later. It is not served from here as long as it makes progress there.
 */
export function isServedAtHome(torrent: TorrentState, peer: Peer, nowMs: number): boolean {
  if (!isForeign(peer) || nowMs - Math.max(peer.gainedMs, peer.connection.openedMs) >= PATIENCE_MS)
    return false;
  return hasBrinesAtHome(torrent, peer, nowMs);
}

/** Brines were met at the peer's site, which is not ours. */
export function hasBrinesAtHome({ shared }: TorrentState, peer: Peer, nowMs: number): boolean {
  const { ip } = peer.connection.remote;
  if (peer.place.class === 'site') return false;
  return shared.brineNetworks.has(ip, shared.neighbourhood.mappedLabel(ip), nowMs);
}

/** A Brine is at the peer's site: from now on it looks after the others there. */
export function noteBrine(torrent: TorrentState, peer: Peer, nowMs: number): void {
  const { neighbourhood, brineNetworks } = torrent.shared;
  const { ip } = peer.connection.remote;
  if (peer.place.class === 'site') return;
  if (brineNetworks.met(ip, neighbourhood.mappedLabel(ip), nowMs)) torrent.nextRechokeMs = nowMs;
}

/** It does not speak our extension, or nothing that would let it. */
function isForeign({ extended, connection }: Peer): boolean {
  return extended === undefined
    ? !connection.protocol.features.extended
    : !extended.messages.has(SITE_EXTENSION);
}

import type { Peer } from '../peers/peer.ts';
import { limitByClass } from './limits.ts';
import { leaveSite, joinSite } from './site/members.ts';
import type { TorrentState } from './torrent-state.ts';

/** Where a peer is has been found out, or has changed: from now on its bytes count there, and obey the limits there. */
export function applyPlace(torrent: TorrentState, peer: Peer): void {
  const { shared } = torrent;
  const place = peer.place.class;
  peer.meters = [torrent.meter, shared.meter, torrent.classMeters[place], shared.classMeters[place]];
  limitByClass(torrent, peer);
}

/** Interfaces have come or gone: some peers may be nearer or farther than before. */
export function updatePlaces(torrent: TorrentState, nowMs: number): void {
  const { neighbourhood } = torrent.shared;
  const version = neighbourhood.version(nowMs);
  if (version === torrent.placesVersion) return;
  torrent.placesVersion = version;
  for (const peer of torrent.peers.values()) {
    const place = neighbourhood.placeOf(peer.connection.remote.ip, nowMs, peer.site?.label);
    if (place.class !== peer.place.class) leaveSite(torrent, peer);
    peer.place = place;
    applyPlace(torrent, peer);
    joinSite(torrent, peer);
  }
}

import { applyPlace } from '../peer-place.ts';
import type { TorrentState } from '../torrent-state.ts';
import { joinSite, leaveSite } from './members.ts';

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

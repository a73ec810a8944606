import type { Peer } from '../peers/peer.ts';
import { limitByClass } from './limits.ts';
import type { TorrentState } from './torrent-state.ts';

/** Where a peer is has been found out, or has changed: from now on its bytes count there, and obey the limits there. */
export function applyPlace(torrent: TorrentState, peer: Peer): void {
  const { shared } = torrent;
  const place = peer.place.class;
  peer.meters = [torrent.meter, shared.meter, torrent.classMeters[place], shared.classMeters[place]];
  limitByClass(torrent, peer);
}

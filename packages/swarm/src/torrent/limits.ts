import type { PeerAddress } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import type { RateLimits } from '../policy/rate-limits.ts';
import { stopIfBarred } from './rechoke.ts';
import { limiterReplaced } from './serve-requests.ts';
import type { TorrentState } from './torrent-state.ts';

/** Moves a peer to where its class belongs in the tree of limits, when its place has turned out to be another. */
export function limitByClass(torrent: TorrentState, peer: Peer): void {
  const before = peer.limiters;
  if (before.peerClass === peer.place.class) return;
  peer.limiters = torrent.limiters.addPeer(peer.place.class, before.limits);
  peer.connection.limitReading(peer.limiters.down, torrent.shared.limiters.queues.down);
  limiterReplaced(torrent, peer);
  stopIfBarred(torrent, peer);
  before.release();
}

/** Limits of the connections with this address, as long as they last. */
export function setPeerLimits(torrent: TorrentState, address: PeerAddress, limits: RateLimits): void {
  for (const peer of torrent.peers.values()) {
    if (peer.address.ip === address.ip && peer.address.port === address.port) peer.limiters.setLimits(limits);
  }
}

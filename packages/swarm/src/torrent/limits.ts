import type { RateLimits } from '../options.ts';
import type { TorrentState } from './torrent-state.ts';

/** Sets this torrent's own limits; they are in force on existing connections at once. */
export function setLimits(torrent: TorrentState, limits: RateLimits): void {
  const nowMs = torrent.shared.clock.nowMs();
  torrent.downLimiter.setRate(limits.downBytesPerSecond ?? Infinity, nowMs);
  torrent.upLimiter.setRate(limits.upBytesPerSecond ?? Infinity, nowMs);
  for (const peer of torrent.peers.values()) peer.connection.limitsChanged();
}

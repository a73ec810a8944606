import type { WanDraws } from '../../sites/budget-keeper.ts';
import type { TorrentState } from '../torrent-state.ts';

/** What the other members of our site last reported that they draw over the WAN; each once, however many torrents we share with it. */
export function memberDraws(torrents: Iterable<TorrentState>): WanDraws[] {
  const draws = new Map<string, WanDraws>();
  for (const torrent of torrents) {
    for (const { key, place, site } of torrent.peers.values()) {
      if (place.class !== 'site' || site === undefined) continue;
      const { hungryDown, hungryUp, downRate, upRate } = site.status;
      draws.set(key, {
        down: { bytesPerSecond: downRate, hungry: hungryDown },
        up: { bytesPerSecond: upRate, hungry: hungryUp },
      });
    }
  }
  return [...draws.values()];
}

import type { PeerAddress } from '@brine/wire';

import { LocalDiscovery } from './discovery/lsd.ts';
import type { EngineShared } from './engine-shared.ts';
import type { TorrentPhase } from './snapshot.ts';
import type { TorrentState } from './torrent/torrent-state.ts';
import type { Torrent } from './torrent/torrent.ts';

/** Phases in which a torrent has use for peers. */
const RUNNING: ReadonlySet<TorrentPhase> = new Set(['resolving', 'downloading', 'seeding', 'waiting']);

/** Local discovery for an engine's torrents; undefined when it is switched off. */
export function createLsd(
  shared: EngineShared,
  torrents: ReadonlyMap<string, Torrent>,
  listening: () => readonly PeerAddress[],
): LocalDiscovery | undefined {
  if (!shared.options.lsd) return undefined;
  return new LocalDiscovery({
    ...shared,
    listening,
    torrents: () => [...torrents.values()].map(({ state }) => state).filter(isForNeighbours),
    found: (id, peer) => {
      const torrent = torrents.get(id);
      if (torrent !== undefined && isForNeighbours(torrent.state))
        torrent.receive({ type: 'peers-found', addresses: [peer], source: 'lsd' });
    },
  });
}

/** Private torrents (BEP 27) have the peers that their tracker and their administrator name. A magnet tells only by its metadata. */
function isForNeighbours({ phase, info }: TorrentState): boolean {
  return RUNNING.has(phase) && info?.private !== true;
}

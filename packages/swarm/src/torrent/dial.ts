import { PeerProtocol, SITE_EXTENSION } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import { PeerConnection } from '../peers/peer-connection.ts';
import type { ConnectionOwner } from '../peers/peer-connection.ts';
import type { PeerClass } from '../sites/peer-class.ts';
import { meet } from './site/meeting.ts';
import { activeSite } from './site/site-state.ts';
import type { TorrentState } from './torrent-state.ts';

/** Dials the best known addresses, as far as the caps allow. */
export function fillConnections(torrent: TorrentState, owner: ConnectionOwner): void {
  if (torrent.paused || torrent.phase === 'failed') return;
  if (torrent.content === undefined && torrent.metadataDownload === undefined) return;
  const { dialer, options, clock } = torrent.shared;
  meet(torrent, clock.nowMs());
  const room = options.connectionsPerTorrentMax - torrent.peers.size - dialer.pendingOf(owner);
  const count = Math.min(room, dialer.free);
  if (count <= 0) return;
  const nowMs = clock.nowMs();
  for (const address of torrent.peerList.candidates(nowMs, count, urgencyOf(torrent, nowMs))) {
    torrent.peerList.dialled(address);
    dial(torrent, owner, address);
  }
}

/** The site comes first; others only once it is met, and if it is our turn to fetch. A seed calls everybody. */
function urgencyOf(torrent: TorrentState, nowMs: number): (place: PeerClass) => number | undefined {
  const site = activeSite(torrent);
  const quiet =
    site !== undefined && torrent.phase === 'downloading' && !(site.met && site.claims.isFetcher(nowMs));
  return (place) => {
    if (place === 'site') return 0;
    if (quiet) return undefined;
    return place === 'near' ? 1 : 2;
  };
}

function dial(torrent: TorrentState, owner: ConnectionOwner, address: PeerAddress): void {
  const { shared } = torrent;
  const protocol = new PeerProtocol({
    initiator: true,
    peerId: shared.peerId,
    extensions: [SITE_EXTENSION],
    infoHash: torrent.infoHash,
    ...(torrent.content === undefined ? {} : { geometry: torrent.content.geometry }),
  });
  const connection = new PeerConnection({
    stream: shared.network.connect(address),
    protocol,
    outgoing: true,
    owner,
    clock: shared.clock,
  });
  shared.dialer.dialled(connection, owner);
  connection.open();
}

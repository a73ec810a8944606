import { PeerProtocol } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import { PeerConnection } from '../peers/peer-connection.ts';
import type { ConnectionOwner } from '../peers/peer-connection.ts';
import type { TorrentState } from './torrent-state.ts';

/** Dials the best known addresses, as far as the caps allow. */
export function fillConnections(torrent: TorrentState, owner: ConnectionOwner): void {
  if (torrent.paused || torrent.phase === 'failed') return;
  if (torrent.content === undefined && torrent.metadataDownload === undefined) return;
  const { dialer, options, clock } = torrent.shared;
  const room = options.connectionsPerTorrentMax - torrent.peers.size - dialer.pendingOf(owner);
  const count = Math.min(room, dialer.free);
  if (count <= 0) return;
  const nowMs = clock.nowMs();
  for (const address of torrent.peerList.candidates(nowMs, count)) {
    torrent.peerList.dialled(address);
    dial(torrent, owner, address);
  }
}

function dial(torrent: TorrentState, owner: ConnectionOwner, address: PeerAddress): void {
  const { shared } = torrent;
  const protocol = new PeerProtocol({
    initiator: true,
    peerId: shared.peerId,
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

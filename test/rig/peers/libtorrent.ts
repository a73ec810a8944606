import type { Client, Peer, PeerOrder } from '../peer.ts';
import { PYTHON, besides } from '../places.ts';
import { startPeer } from './peer-program.ts';

/** libtorrent 2.0.8 through its Python binding, TCP only. */
export const libtorrent: Client = {
  name: 'libtorrent',
  takesPeers: true,
  writesBehind: false,
  createsEmptyFiles: true,
  async start(order: PeerOrder): Promise<Peer> {
    const command = [
      PYTHON,
      besides('peers/libtorrent_peer.py'),
      ...(order.lsd === true ? ['--lsd'] : []),
      order.role,
      order.source,
      order.directory,
      `${order.host.ip}:${order.port}`,
      ...(order.peers ?? []),
    ];
    return startPeer('libtorrent', order, command, {
      ready: (line) => line === 'ready',
      complete: (line) => line.startsWith('complete'),
    });
  },
};

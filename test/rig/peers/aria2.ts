import type { Client, Peer, PeerOrder } from '../peer.ts';
import { HOOK_LINE, startPeer, writeHook } from './peer-program.ts';

/** aria2 1.36: takes no peer addresses, calls its hook also for the metadata of a magnet. */
export const aria2: Client = {
  name: 'aria2',
  takesPeers: false,
  writesBehind: true,
  createsEmptyFiles: true,
  async start(order: PeerOrder): Promise<Peer> {
    const seeding = order.role === 'seed';
    const command = [
      'aria2c',
      '--no-conf',
      `--dir=${order.directory}`,
      `--listen-port=${order.port}`,
      '--enable-dht=true', // without it, no UDP trackers; nothing of it leaves the private network
      `--dht-file-path=${order.state}/dht`,
      '--enable-dht6=false',
      '--disable-ipv6=true',
      '--seed-ratio=0.0',
      '--check-integrity=false',
      `--bt-seed-unverified=${String(seeding)}`,
      '--allow-overwrite=true',
      '--file-allocation=none',
      '--bt-min-crypto-level=plain',
      '--bt-require-crypto=false',
      '--follow-torrent=true',
      '--console-log-level=notice',
      '--show-console-readout=false',
      '--summary-interval=0',
      `--on-bt-download-complete=${await writeHook(order.state)}`,
      order.source,
    ];
    return startPeer('aria2', order, command, {
      ready: (line) => line.includes('listening on TCP port'),
      complete: (line) => line.startsWith(HOOK_LINE) && !line.includes('[METADATA]'),
    });
  },
};

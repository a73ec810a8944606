import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client, Peer, PeerOrder } from '../peer.ts';
import { HOOK_LINE, startPeer, writeHook } from './peer-program.ts';

/** Transmission 3.00, TCP only: takes no peer addresses, announces before it has verified, calls its hook before the last write. */
export const transmission: Client = {
  name: 'Transmission',
  takesPeers: false,
  writesBehind: true,
  createsEmptyFiles: false,
  async start(order: PeerOrder): Promise<Peer> {
    const settings = {
      'bind-address-ipv4': order.host.ip,
      'bind-address-ipv6': '::1',
      'peer-port': order.port,
      'peer-port-random-on-start': false,
      'port-forwarding-enabled': false,
      'dht-enabled': false,
      'lpd-enabled': order.lsd ?? false,
      'utp-enabled': false,
      encryption: 0,
      'rpc-enabled': false,
    };
    await writeFile(join(order.state, 'settings.json'), JSON.stringify(settings));
    const command = [
      'transmission-cli',
      '-g',
      order.state,
      '-w',
      order.directory,
      '-p',
      String(order.port),
      '-M',
      '-et',
      '-f',
      await writeHook(order.state),
      order.source,
    ];
    return startPeer('Transmission', order, command, {
      ready: (line) => (order.role === 'seed' ? line.includes('Seeding') : line.trim() !== ''),
      complete: (line) => line.includes(HOOK_LINE),
    });
  },
};

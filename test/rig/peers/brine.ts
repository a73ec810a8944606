import { join } from 'node:path';

import type { Client, Peer, PeerOrder } from '../peer.ts';
import { REPOSITORY } from '../places.ts';
import { startPeer } from './peer-program.ts';

/** The `brine` command as a file for Node. */
export const BRINE: string = join(REPOSITORY, 'packages/agent/bin/brine.js');

/** Our own command, observed through its JSON Lines. */
export const brine: Client = {
  name: 'Brine',
  takesPeers: true,
  writesBehind: false,
  createsEmptyFiles: true,
  async start(order: PeerOrder): Promise<Peer> {
    const command = [
      process.execPath,
      BRINE,
      order.role === 'seed' ? 'seed' : 'get',
      order.source,
      '--path',
      order.directory,
      '--state',
      order.state,
      '--listen',
      `${order.host.ip}:${order.port}`,
      '--json',
      ...(order.lsd === true ? [] : ['--no-lsd']),
      ...(order.peers ?? []).flatMap((peer) => ['--peer', peer]),
    ];
    return startPeer('Brine', order, command, {
      ready: (line) => eventOf(line) === (order.role === 'seed' ? 'ready' : 'listening'),
      complete: (line) => eventOf(line) === 'complete',
    });
  },
};

/** A line of `--json` as an object; undefined for other text. */
export function jsonLine(line: string): Readonly<Record<string, unknown>> | undefined {
  return line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : undefined;
}

function eventOf(line: string): unknown {
  return jsonLine(line)?.['event'];
}

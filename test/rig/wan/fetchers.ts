import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Member } from './member.ts';

const run = promisify(execFile);

/** Of the members of a site, the one that has received most over the connections that it now has beyond its LAN. */
export async function bestFetcher(members: readonly Member[]): Promise<Member> {
  const received = await Promise.all(members.map(receivedFromAfar));
  const most = members[received.indexOf(Math.max(...received))];
  if (most === undefined || Math.max(...received) === 0) throw new Error('nobody fetches anything');
  return most;
}

async function receivedFromAfar({ host }: Member): Promise<number> {
  const command = [...host.prefix, 'ss', '-tinOH', 'state', 'established'];
  const { stdout } = await run(command[0] ?? '', command.slice(1));
  const lan = host.ip.slice(0, host.ip.lastIndexOf('.') + 1);
  let bytes = 0;
  for (const line of stdout.split('\n')) {
    // Two queue lengths, our address, the peer's, and what is known of the connection.
    const [, , , peer = ''] = line.trim().split(/\s+/);
    if (!peer.includes(lan)) bytes += Number(/ bytes_received:(\d+)/.exec(line)?.[1] ?? 0);
  }
  return bytes;
}

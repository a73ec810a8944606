import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from '../peer.ts';
import { aria2 } from '../peers/aria2.ts';
import { BRINE, brine } from '../peers/brine.ts';
import { libtorrent } from '../peers/libtorrent.ts';
import { transmission } from '../peers/transmission.ts';
import { WIRE_BYTES_PER_STREAM_BYTE } from './arithmetic.ts';
import type { Fleet, FleetHost } from './fleet.ts';

/** A client as a fleet runs it: configured for the host it stands on. */
export interface FleetClient {
  /** As tables show it. */
  readonly name: string;
  readonly client: Client;
  /** Why it cannot run here; undefined when it can. */
  missing(): string | undefined;
  /** Further arguments on a host. `folder` is for files that they name. */
  options(host: FleetHost, fleet: Fleet, folder: string): Promise<readonly string[]>;
}

/** Ours, told its site's label and the addresses of all sites. */
export const brineWithSites: FleetClient = {
  name: 'brine',
  client: brine,
  missing: () => (brineKnows('--site ') ? undefined : 'brine get has no --site yet'),
  async options(host, fleet, folder) {
    const map = join(folder, 'sites.json');
    const networks = fleet.everywhere.map(({ label, network }) => [label, [network]]);
    await writeFile(map, JSON.stringify(Object.fromEntries(networks)));
    return ['--site', fleet.everywhere[host.site]?.label ?? '', '--sites', map];
  },
};

/** Ours as a plain BitTorrent client. */
export const brineWithoutSites: FleetClient = {
  name: 'brine-without-sites',
  client: brine,
  missing: () => undefined,
  options: () => Promise.resolve(brineKnows('--no-sites') ? ['--no-sites'] : []),
};

/** The same with its share of a rate: what limits for each machine can do for a site. Bits per second on the wire. */
export function brineLimited(rate: number, hosts: number): FleetClient {
  const bytesPerSecond = Math.round(rate / 8 / hosts / WIRE_BYTES_PER_STREAM_BYTE);
  return { ...brineWithoutSites, options: () => Promise.resolve(['--down', `${bytesPerSecond}B/s`]) };
}

/** With defaults as far as the network allows: no limits, TCP only. */
export const plainLibtorrent: FleetClient = plain(libtorrent, []);

/** Connections without limit; told of peers by the tracker and by peer exchange. */
export const plainAria2: FleetClient = plain(aria2, [
  '--enable-dht=false',
  '--bt-max-peers=0',
  '--bt-request-peer-speed-limit=0',
  '--console-log-level=notice',
]);

export const plainTransmission: FleetClient = plain(transmission, []);

/** Ours first: ratios are ours to each other's. */
export const FLEET_CLIENTS: readonly FleetClient[] = [
  brineWithSites,
  brineWithoutSites,
  plainLibtorrent,
  plainAria2,
  plainTransmission,
];

function plain(client: Client, options: readonly string[]): FleetClient {
  return { name: client.name, client, missing: () => undefined, options: () => Promise.resolve(options) };
}

let help: string | undefined;

/** Whether the command as it stands has an option. */
function brineKnows(option: string): boolean {
  help ??= spawnSync(process.execPath, [BRINE, 'get', '--help'], { encoding: 'utf8' }).stdout;
  return help.includes(option);
}

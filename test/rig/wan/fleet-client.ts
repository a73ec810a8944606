import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Client } from '../peer.ts';
import { aria2 } from '../peers/aria2.ts';
import { brine } from '../peers/brine.ts';
import { libtorrent } from '../peers/libtorrent.ts';
import { transmission } from '../peers/transmission.ts';
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
  missing: () => undefined,
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
  options: () => Promise.resolve(['--no-sites']),
};

/** Ours with sites, whose budget changes at a moment: milliseconds since 1970, of which the schedule takes whole minutes. */
export function brineWithBudget(rate: number, next: number, changeAt: number): FleetClient {
  // From this minute on and until twelve hours later the new one; before, the old one.
  const times = [changeAt, changeAt + 12 * 3_600_000].map((at) => new Date(at).toISOString().slice(11, 16));
  const schedule = `${times.join('-')} ${next}bit; ${rate}bit; zone UTC`;
  return {
    ...brineWithSites,
    name: 'brine with a budget',
    options: async (host, fleet, folder) => [
      ...(await brineWithSites.options(host, fleet, folder)),
      '--wan-budget',
      schedule,
    ],
  };
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

import { hostname } from 'node:os';

import type { EngineView, SiteView } from '@brine/control-http';
import type { Engine } from '@brine/swarm';

import { formatAddress } from '../address-argument.ts';
import type { PayloadRecord } from './orders/payload-record.ts';
import { trafficOf } from './payload-status.ts';

/** The engine and the machine it runs on, as the API tells them. `known` is what the engine does not know. */
export function engineView(
  totals: ReturnType<Engine['totals']>,
  known: Pick<EngineView, 'version' | 'roots' | 'startedAt' | 'payloads'>,
): EngineView {
  const { downBytesPerSecond, upBytesPerSecond, downloadedBytes, uploadedBytes, wastedBytes } = totals;
  return {
    ...known,
    host: hostname(),
    listening: totals.listening.map(formatAddress),
    peers: totals.peerCount,
    downBytesPerSecond,
    upBytesPerSecond,
    downloadedBytes,
    uploadedBytes,
    wastedBytes,
    traffic: trafficOf(totals.byClass),
  };
}

/** The site as this machine sees it, over all its payloads. */
export function siteView(engine: Engine, records: Iterable<PayloadRecord>): SiteView {
  const { siteLabel, byClass } = engine.totals();
  let members = 0;
  const fetching: string[] = [];
  for (const { name, infohash } of records) {
    const site = engine.torrentSummary(infohash)?.site;
    members += site?.members ?? 0;
    if (site?.fetching === true) fetching.push(name);
  }
  const label = siteLabel === undefined ? {} : { label: siteLabel };
  return { ...label, traffic: trafficOf(byClass), members, fetching };
}

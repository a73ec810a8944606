import type { TorrentSnapshot, TransferCounts } from '@brine/swarm';

import { percentOf } from '../terminal/percent.ts';
import type { Progress, Traffic } from '../terminal/report.ts';

/** A torrent's snapshot as progress; `site` is the label of our site, where there is one. */
export function progressOf(torrent: TorrentSnapshot, site: string | undefined): Progress {
  return {
    event: 'progress',
    phase: torrent.phase,
    bytesDone: torrent.bytesDone,
    bytesTotal: torrent.bytesTotal,
    percent: torrent.complete ? 100 : percentOf(torrent.bytesDone, torrent.bytesTotal),
    ...(torrent.checkProgress === undefined ? {} : { checkedPercent: percentOf(torrent.checkProgress, 1) }),
    ...(torrent.etaSeconds === undefined ? {} : { etaSeconds: Math.ceil(torrent.etaSeconds) }),
    downBytesPerSecond: Math.round(torrent.downBytesPerSecond),
    upBytesPerSecond: Math.round(torrent.upBytesPerSecond),
    downloadedBytes: torrent.downloadedBytes,
    uploadedBytes: torrent.uploadedBytes,
    peers: torrent.peers.length,
    traffic: trafficOf(torrent),
    ...(site === undefined ? {} : { site }),
  };
}

/** What came and went by class of peer. */
export function trafficOf({ byClass: { site, near, wan } }: TorrentSnapshot): Traffic {
  return { site: bytesOf(site), near: bytesOf(near), wan: bytesOf(wan) };
}

function bytesOf({ downloadedBytes, uploadedBytes }: TransferCounts): Traffic['site'] {
  return { downloadedBytes, uploadedBytes };
}

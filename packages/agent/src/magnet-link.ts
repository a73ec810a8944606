import type { Metainfo } from '@brine/wire';
import { formatMagnet, hexOf } from '@brine/wire';

/** The magnet link of a torrent: info-hash, name, trackers, web seeds. Peers come from configuration or trackers. */
export function magnetLinkOf({ infoHashes, info, trackers, webSeeds }: Metainfo): string {
  return formatMagnet({ infoHashes, name: info.name, trackers: trackers.flat(), webSeeds, peers: [] });
}

/** The v1 info-hash in hex: the torrent's name everywhere. */
export function infoHashOf({ infoHashes }: Metainfo): string {
  return hexOf(infoHashes.v1 ?? new Uint8Array());
}

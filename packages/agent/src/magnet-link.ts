import type { Metainfo } from '@brine/wire';

/**
 * The magnet link of a torrent (BEP 9): info-hash, name, length (`xl`), trackers, and the first web seeds (BEP 19's `ws`).
 * Peers are not in it: addresses come from configuration or trackers.
 */
export function magnetLinkOf(metainfo: Metainfo): string {
  const parts = [
    `xt=urn:btih:${infoHashOf(metainfo)}`,
    `dn=${encodeURIComponent(metainfo.info.name)}`,
    `xl=${metainfo.info.totalLength}`,
    ...metainfo.trackers.flat().map((url) => `tr=${encodeURIComponent(url)}`),
    ...metainfo.webSeeds.slice(0, WEB_SEEDS_MAX).map((url) => `ws=${encodeURIComponent(url)}`),
  ];
  return `magnet:?${parts.join('&')}`;
}

/** The v1 info-hash in hex: the torrent's name everywhere. */
export function infoHashOf(metainfo: Metainfo): string {
  return Buffer.from(metainfo.infoHashes.v1 ?? new Uint8Array()).toString('hex');
}

/** Links are pasted into chats and command lines. */
const WEB_SEEDS_MAX = 4;

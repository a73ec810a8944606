/*
 * At the start of a rollout all machines of a site are empty, and strangers to each other. Who asked the WAN before it knows the others
 * would ask for what they ask for; so everybody meets first. That takes as long as a few connections on a LAN.
 */
import { SITE_EXTENSION } from '@brine/wire';

import type { TorrentState } from '../torrent-state.ts';
import { activeSite, isLan } from './site-state.ts';

/** How long members that are known but do not answer are waited for. */
export const MEETING_MAX_MS = 1_500;

/** The site is met when every address of it that we know has answered, or has had its time. */
export function meet(torrent: TorrentState, nowMs: number): void {
  const site = torrent.content?.site;
  if (site === undefined || site.met) return;
  const patient = nowMs - site.openedMs < MEETING_MAX_MS;
  if (patient && (awaitsAnswer(torrent) || someoneSilent(torrent))) return;
  site.met = true;
}

/** Something about the site has changed while it was not met, or while nobody knew whose turn it is: connections may be due. */
export function siteChanged(torrent: TorrentState): void {
  if (activeSite(torrent) !== undefined) torrent.receive({ type: 'site-changed' });
}

function awaitsAnswer(torrent: TorrentState): boolean {
  return torrent.peerList.awaitsSite([...torrent.peers.values()].map((peer) => peer.address));
}

/** Connected, and not yet introduced. */
function someoneSilent(torrent: TorrentState): boolean {
  for (const peer of torrent.peers.values()) {
    if (!isLan(peer) || peer.site !== undefined) continue;
    if (peer.extended === undefined || peer.extended.messages.has(SITE_EXTENSION)) return true;
  }
  return false;
}

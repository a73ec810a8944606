/*
 * What we say to the members of our site, and to Brine peers of other sites.
 */
import { CLAIMED_PIECES_MAX, SITE_EXTENSION, encodeSiteMessage } from '@brine/wire';
import type { SiteStatus } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import type { TorrentState } from '../torrent-state.ts';
import { hasAllWanted } from '../torrent-state.ts';
import { isLan } from './site-state.ts';

/**
 * Tells all members about pieces; other sites only of those that come from who has everything, since what one of them has, the
 * others know.
 */
export function tellPieces(
  torrent: TorrentState,
  type: 'claim' | 'hold' | 'release',
  pieces: readonly number[],
): void {
  if (pieces.length === 0) return;
  const news = newsOf(torrent, pieces);
  for (const peer of torrent.peers.values()) {
    const told = isLan(peer) ? pieces : news;
    if (!peer.greeted || peer.pieces.complete || told.length === 0) continue;
    send(peer, type, told);
    peer.connection.flush();
  }
}

/** Tells a peer that has just come what is claimed already. */
export function introduceClaims(torrent: TorrentState, peer: Peer): void {
  const own = [...(torrent.content?.site?.claims.own.keys() ?? [])];
  const told = isLan(peer) ? own : newsOf(torrent, own);
  if (told.length > 0) send(peer, 'claim', told);
}

/** Of these pieces, those that nobody has but who has everything. */
function newsOf({ content }: TorrentState, pieces: readonly number[]): number[] {
  return pieces.filter((piece) => content?.picker.rarity(piece) === 0);
}

export function send(peer: Peer, type: 'claim' | 'hold' | 'release', pieces: readonly number[]): void {
  for (let at = 0; at < pieces.length; at += CLAIMED_PIECES_MAX) {
    const part = pieces.slice(at, at + CLAIMED_PIECES_MAX);
    peer.connection.protocol.extension(SITE_EXTENSION, encodeSiteMessage({ type, pieces: part }));
  }
}

/** What we report about ourselves. */
export function statusOf(torrent: TorrentState): SiteStatus {
  const site = torrent.content?.site;
  const nowMs = torrent.shared.clock.nowMs();
  const missing = !hasAllWanted(torrent) && torrent.phase === 'downloading';
  const fetching = missing && site?.met === true && site.claims.isFetcher(nowMs);
  const { wan, near } = torrent.shared.classMeters;
  const draws = torrent.shared.budget?.draws;
  return {
    able: missing && site?.fruitlessSinceMs === undefined,
    fetching,
    hungryDown: draws?.down.hungry ?? fetching,
    hungryUp: draws?.up.hungry ?? false,
    downRate:
      draws?.down.bytesPerSecond ?? wan.downRate.bytesPerSecond(nowMs) + near.downRate.bytesPerSecond(nowMs),
    upRate: draws?.up.bytesPerSecond ?? wan.upRate.bytesPerSecond(nowMs) + near.upRate.bytesPerSecond(nowMs),
  };
}

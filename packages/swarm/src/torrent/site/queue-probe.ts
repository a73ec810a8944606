/*
 * Measures how long packets wait on our line, for transfers in the background: a ping to a Brine peer at another site. Data of our own in
 * the same stream would delay the answer, and look like somebody else's; so a peer is asked for nothing until what it owes us has come,
 * and then pinged. One that has nothing to send is taken first: that costs nothing.
 */
import { SITE_EXTENSION, encodeSiteMessage } from '@brine/wire';

import type { Peer } from '../../peers/peer.ts';
import { QueueDelay } from '../../policy/queue-delay.ts';
import { scheduleRequests } from '../schedule-requests.ts';
import type { TorrentState } from '../torrent-state.ts';
import { isLan } from './site-state.ts';

/** What does not come to an end by then is given up. */
const PATIENCE_MS = 3_000;

/** To be called about once a second. */
export function measureQueues(torrent: TorrentState, nowMs: number): void {
  const { background } = torrent.shared;
  if (background === undefined) return;
  for (const peer of torrent.peers.values()) {
    if (peer.ping !== undefined && nowMs - peer.ping.sinceMs > PATIENCE_MS) endPing(torrent, peer);
  }
  if (!background.isDue()) return;
  let best: Peer | undefined;
  for (const peer of torrent.peers.values()) {
    if (peer.ping !== undefined) return;
    if (isLan(peer) || !peer.greeted || isSending(peer)) continue;
    if (best === undefined || peer.requests.size < best.requests.size) best = peer;
  }
  if (best === undefined) return;
  best.ping = {
    sinceMs: nowMs,
    sentMs: undefined,
    stamp: Math.floor(torrent.shared.random.next() * 2 ** 32),
  };
  pingWhenQuiet(torrent, best);
}

/** To be called when something has come from the peer. */
export function pingWhenQuiet(torrent: TorrentState, peer: Peer): void {
  const { ping, connection } = peer;
  if (ping === undefined || ping.sentMs !== undefined || peer.requests.size > 0) return;
  ping.sentMs = torrent.shared.clock.nowMs();
  connection.protocol.extension(SITE_EXTENSION, encodeSiteMessage({ type: 'ping', stamp: ping.stamp }));
  connection.flush();
}

export function answerPing(peer: Peer, stamp: number): void {
  peer.connection.protocol.extension(SITE_EXTENSION, encodeSiteMessage({ type: 'pong', stamp }));
  peer.connection.flush();
}

export function onPong(torrent: TorrentState, peer: Peer, stamp: number): void {
  const { ping } = peer;
  if (ping?.sentMs === undefined || ping.stamp !== stamp) return;
  const nowMs = torrent.shared.clock.nowMs();
  // What it asked for meanwhile went before our ping.
  if (!isSending(peer)) {
    peer.queueDelay ??= new QueueDelay();
    torrent.shared.background?.measured(peer.queueDelay.measure(nowMs - ping.sentMs, nowMs));
  }
  endPing(torrent, peer);
}

function endPing(torrent: TorrentState, peer: Peer): void {
  peer.ping = undefined;
  scheduleRequests(torrent, peer);
  peer.connection.flush();
}

function isSending({ uploads }: Peer): boolean {
  return uploads.length > 0 || uploads.sending !== undefined;
}

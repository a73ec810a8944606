import type { Peer } from '../peers/peer.ts';
import { decideUnchokes } from '../policy/choker.ts';
import type { ChokerPeer } from '../policy/choker.ts';
import { isServedAtHome } from './site/served-at-home.ts';
import { isLan } from './site/site-state.ts';
import { dropUploads } from './serve-requests.ts';
import type { TorrentState } from './torrent-state.ts';

/** BEP 3's round. */
const RECHOKE_INTERVAL_MS = 10_000;

/** The regular round, when it is due. */
export function rechokeWhenDue(torrent: TorrentState, nowMs: number): void {
  if (nowMs < torrent.nextRechokeMs) return;
  torrent.nextRechokeMs = nowMs + RECHOKE_INTERVAL_MS;
  rechoke(torrent, nowMs);
}

/** A peer wants something, or no longer does: while slots are free nobody waits for the round. */
export function onInterestChanged(torrent: TorrentState, peer: Peer): void {
  if (!peer.peerInterested || !maySend(torrent, peer)) return;
  if (isLan(peer)) {
    // Our own site takes no slot: what goes there costs nothing.
    if (peer.amChoking) unchoke(peer, torrent.shared.clock.nowMs());
    return;
  }
  if (isServedAtHome(torrent, peer, torrent.shared.clock.nowMs())) return;
  let unchoked = 0;
  for (const other of torrent.peers.values()) if (!other.amChoking && !isLan(other)) unchoked += 1;
  const free =
    unchoked < torrent.shared.options.unchokeSlots && torrent.shared.options.chokePolicy === 'share';
  if (free && peer.amChoking) unchoke(peer, torrent.shared.clock.nowMs());
}

/** Whether this peer is one of those whom we upload to at all: `EngineOptions.sharing`. */
export function maySend({ shared }: TorrentState, peer: Peer): boolean {
  const { sharing } = shared.options;
  return sharing === 'all' || (sharing === 'site' && peer.place.class === 'site');
}

/** The peer is of another class than we thought: it may be one of those whom we do not upload to. */
export function stopIfBarred(torrent: TorrentState, peer: Peer): void {
  if (maySend(torrent, peer)) return;
  peer.grantedFast = undefined;
  if (!peer.amChoking) choke(peer, torrent.shared.clock.nowMs());
}

function rechoke(torrent: TorrentState, nowMs: number): void {
  const { options, random } = torrent.shared;
  const decision = decideUnchokes(
    [...torrent.peers.values()]
      .filter((peer) => maySend(torrent, peer) && !isLan(peer) && !isServedAtHome(torrent, peer, nowMs))
      .map((peer) => describe(peer, nowMs)),
    {
      policy: options.chokePolicy,
      slots: options.unchokeSlots,
      seeding: torrent.phase === 'seeding',
      nowMs,
      random: () => random.next(),
    },
  );
  for (const peer of torrent.peers.values()) {
    const open = isLan(peer) ? maySend(torrent, peer) : decision.unchoked.has(peer.key);
    peer.optimistic = decision.optimistic.has(peer.key);
    if (open && peer.amChoking) unchoke(peer, nowMs);
    else if (!open && !peer.amChoking) choke(peer, nowMs);
    peer.connection.flush();
  }
}

function unchoke(peer: Peer, nowMs: number): void {
  peer.amChoking = false;
  peer.unchokedSinceMs = nowMs;
  peer.connection.protocol.unchoke();
}

function choke(peer: Peer, nowMs: number): void {
  peer.amChoking = true;
  peer.unchokedSinceMs = undefined;
  peer.lastUnchokedMs = nowMs;
  peer.connection.protocol.choke();
  dropUploads(peer);
}

function describe(peer: Peer, nowMs: number): ChokerPeer {
  return {
    id: peer.key,
    interested: peer.peerInterested,
    snubbed: peer.depth.snubbed,
    downRate: peer.downRate.bytesPerSecond(nowMs),
    upRate: peer.upRate.bytesPerSecond(nowMs),
    unchokedSinceMs: peer.unchokedSinceMs,
    lastUnchokedMs: peer.lastUnchokedMs,
    connectedAtMs: peer.connection.openedMs,
    optimistic: peer.optimistic,
    seed: peer.pieces.complete || peer.uploadOnly,
  };
}

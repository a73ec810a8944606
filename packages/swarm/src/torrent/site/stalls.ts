/*
 * What members say keeps us from fetching: that they have a piece, that they fetch it, that it is their turn. Each is believed only as
 * long as pieces come. What counts is what we ourselves got; what others say that they got could be invented.
 */
import type { Peer } from '../../peers/peer.ts';
import { releaseRequests } from '../requests.ts';
import type { TorrentState } from '../torrent-state.ts';
import { isLan } from './site-state.ts';
import type { SiteState } from './site-state.ts';

/** No piece for this long: more members fetch; as long again, more still. */
const STALL_MS = 5_000;
/** As long as somebody of the site reports WAN traffic, pieces may just be long: patience grows with them, up to this. */
const STALL_MAX_MS = 30_000;
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;
/** After so long without a stall fewer fetch again; longer each time that there was another. */
const WIDE_MS = 60_000;
const RELAPSES_MAX = 4;
/** On a LAN, who takes longer than this for anything it was asked for might as well not be there. */
const LAN_SLOWEST_BYTES_PER_SECOND = 64 * 1024;
const LAN_PATIENCE_MS = 5_000;
const REST_MS = 10_000;

/**
 * Those whose turn it is get nowhere: twice as many fetch. Not only until the first piece has come, because then those who keep us
 * waiting would have their turn again.
 */
export function widenWhenStalled(torrent: TorrentState, site: SiteState, nowMs: number): void {
  const { widening, claims, gainedMs } = site;
  if (nowMs - Math.max(gainedMs, widening.sinceMs) >= patienceMs(torrent)) {
    if (gainedMs > widening.sinceMs) widening.relapses = Math.min(RELAPSES_MAX, widening.relapses + 1);
    widening.extra = Math.min(claims.memberCount, 2 * widening.extra + 1);
    widening.sinceMs = nowMs;
  } else if (widening.extra > 0 && nowMs - widening.sinceMs >= WIDE_MS * 2 ** widening.relapses) {
    widening.extra >>= 1;
    widening.sinceMs = nowMs;
  }
  claims.widen(widening.extra);
}

/** Peers that announce and do not send; on the LAN also those that send too little to matter: they would keep us from better sources. */
export function noticeEmptyPromises(torrent: TorrentState, site: SiteState, nowMs: number): void {
  for (const peer of torrent.peers.values()) {
    if (!isLan(peer)) {
      if (peer.depth.snubbed) site.relayTrust.blame(peer.connection.remote.ip, nowMs);
      continue;
    }
    const asked = peer.requests.size > 0 && peer.limiters.down.unlimited;
    if (!asked || peer.downRate.bytesPerSecond(nowMs) >= LAN_SLOWEST_BYTES_PER_SECOND)
      peer.slowSinceMs = undefined;
    else peer.slowSinceMs ??= nowMs;
    if (peer.slowSinceMs !== undefined && nowMs - peer.slowSinceMs >= LAN_PATIENCE_MS) {
      blame(torrent, site, peer.connection.remote.ip, nowMs);
    }
  }
}

/** Whatever was asked of that address is asked of others. */
function blame(torrent: TorrentState, site: SiteState, ip: string, nowMs: number): void {
  site.claims.blame(ip, nowMs);
  for (const peer of torrent.peers.values()) {
    if (peer.connection.remote.ip !== ip) continue;
    peer.slowSinceMs = undefined;
    releaseRequests(torrent, peer, true);
    peer.restsUntilMs = nowMs + REST_MS;
  }
}

/** A LAN peer that deceived us, while there is somebody outside to turn to: what it sits on could not be fetched there. */
export function isDistrusted(torrent: TorrentState, peer: Peer): boolean {
  const site = torrent.content?.site;
  if (site === undefined || !isLan(peer)) return false;
  if (!site.claims.trust.owes(peer.connection.remote.ip)) return false;
  for (const other of torrent.peers.values()) if (!isLan(other) && couldSend(other)) return true;
  return false;
}

/** One that comes back under another name is asked for nothing at first. */
export function restIfDistrusted(torrent: TorrentState, peer: Peer): void {
  if (isDistrusted(torrent, peer)) peer.restsUntilMs = torrent.shared.clock.nowMs() + REST_MS;
}

/** We have a line, it is our turn, and others have claimed all that there is to fetch: they had better be quick. */
export function noticeBlockade(torrent: TorrentState, site: SiteState, nowMs: number): void {
  if (!site.claims.isFetcher(nowMs)) return;
  const sources = [...torrent.peers.values()].filter((peer) => !isLan(peer) && couldSend(peer));
  if (sources.length === 0 || sources.some(({ requests }) => requests.size > 0)) return;
  const taken = takenPieces(torrent, site, sources, nowMs);
  if (taken.length === 0) return;
  site.blockedSeconds += 1;
  if (site.blockedSeconds * 1000 < 2 * patienceMs(torrent)) return;
  site.blockedSeconds = 0;
  for (const piece of taken) site.claims.blameHolder(piece, nowMs);
}

function couldSend(peer: Peer): boolean {
  return !peer.peerChoking && peer.usefulCount > 0;
}

function takenPieces(
  { content }: TorrentState,
  { claims, holdings }: SiteState,
  sources: readonly Peer[],
  nowMs: number,
): number[] {
  const taken: number[] = [];
  if (content === undefined) return taken;
  const { geometry, store, picker } = content;
  for (let piece = 0; piece < geometry.pieceCount; piece += 1) {
    if (store.has(piece) || !picker.isWanted(piece) || holdings.has(piece)) continue;
    if (claims.isTaken(piece, nowMs) && sources.some(({ pieces }) => pieces.has(piece))) taken.push(piece);
  }
  return taken;
}

function patienceMs(torrent: TorrentState): number {
  let traffic = false;
  for (const { site: member, place } of torrent.peers.values()) {
    if (place.class === 'site' && member !== undefined && member.status.downRate > 0) traffic = true;
  }
  const pieceMs = (1000 * torrent.content!.geometry.pieceLength) / SLOWEST_BYTES_PER_SECOND;
  return traffic ? Math.min(STALL_MAX_MS, Math.max(STALL_MS, pieceMs)) : STALL_MS;
}

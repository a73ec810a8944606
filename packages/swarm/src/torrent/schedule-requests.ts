/*
 * Which blocks a peer is asked for next. A piece belongs to the peer that began it as long as there are pieces to begin: then the
 * disk sees whole pieces, and a corrupt one has a single author. In order of preference: the rest of its own pieces; what another
 * peer left behind; a new piece of the picker's choice; helping with somebody else's piece; and in endgame, when everything is
 * asked for, a second copy of blocks whose piece has made no progress.
 */
import { BLOCK_LENGTH } from '@brine/piece-store';

import type { Peer } from '../peers/peer.ts';
import type { PieceSet } from '../policy/piece-picker.ts';
import type { PartialPiece } from './partial-piece.ts';
import { beginPiece } from './requests.ts';
import { activeSite } from './site/site-state.ts';
import type { SiteState } from './site/site-state.ts';
import { isDistrusted } from './site/stalls.ts';
import { nextOverWan } from './site/wan-fetching.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** The blocks of a piece are worth a second request when it has got none for this long: fast swarms end without duplicates. */
const ENDGAME_AGE_MS = 300;
const ENDGAME_INTERVAL_MS = 100;
/**
 * Peers that a block is asked from at once. Those that have never delivered fill only the first places: else a few that never
 * answer could keep out those who would.
 */
const REQUESTERS_MAX = 6;
const STRANGERS_MAX = 2;
/** Endgame requests to one peer at once: a duplicate may be of no use by the time it is sent. */
const ENDGAME_DEPTH_MAX = 16;

/** Who is not believed may prove itself by a piece that nobody has begun, as long as there are so many, or such a part of all. */
const SPARE_PIECES = 16;
const SPARE_PART = 1 / 32;

/** Fills a peer's pipeline as far as its depth, the buffers and the pieces allow. */
export function scheduleRequests(torrent: TorrentState, peer: Peer): void {
  const content = torrent.content;
  if (content === undefined || torrent.phase !== 'downloading' || peer.usefulCount === 0) return;
  if (peer.ping !== undefined) return;
  const askable = askablePieces(peer);
  if (askable === undefined) return;
  const nowMs = torrent.shared.clock.nowMs();
  if (nowMs < peer.restsUntilMs) return;
  const { requestQueueMax } = peer;
  const site = siteFor(torrent, peer);
  const depth = Math.min(
    peer.depth.depth(nowMs, { requestQueueMax, line: site !== undefined }),
    limitedDepth(torrent, peer, nowMs),
  );
  let room = depth - peer.requests.size;
  // Refilled by the quarter: one write carries many requests.
  if (room <= 0 || (peer.requests.size > 0 && room < depth / 4)) return;
  if (peer.requests.size === 0) peer.lastPayloadMs = nowMs;
  while (room > 0) {
    const partial = nextPartial(torrent, content, peer, askable);
    if (partial === undefined) break;
    room -= requestOpenBlocks(content, peer, partial, room, nowMs);
  }
  // Over the WAN nothing is asked for twice: a claim that stalls is given back.
  if (room > 0 && site === undefined) requestDuplicates(torrent, content, peer, askable, nowMs);
}

/**
 * Under a limit, a second of what the connection may get: all that is asked for and not read yet may come at once and lie in the
 * kernel's buffers, so that the link carries more than the limit says. At least a quarter of a second of the whole limit, for one
 * that is alone in using it over a long way.
 */
function limitedDepth(torrent: TorrentState, peer: Peer, nowMs: number): number {
  const { down } = peer.limiters;
  if (down.unlimited) return Infinity;
  if (torrent.shared.background !== undefined && peer.place.class !== 'site') {
    // All of it has to come before queues can be measured.
    const seconds = peer.downRate.bytesPerSecond(nowMs) * BACKGROUND_AHEAD_SECONDS;
    return Math.max(LIMITED_DEPTH_MIN, Math.ceil(seconds / BLOCK_LENGTH));
  }
  const bytes = Math.max(down.fairBytesPerSecond, down.bytesPerSecond / 4);
  return Math.max(LIMITED_DEPTH_MIN, Math.ceil(bytes / BLOCK_LENGTH));
}

const LIMITED_DEPTH_MIN = 2;
const BACKGROUND_AHEAD_SECONDS = 0.5;

/** What we may ask this peer for: all it has, or while it chokes us what it allowed (BEP 6). */
function askablePieces(peer: Peer): PieceSet | undefined {
  if (!peer.peerChoking) return peer.pieces;
  const allowed = peer.allowedFast;
  if (allowed === undefined) return undefined;
  return { count: allowed.size, has: (piece) => allowed.has(piece) && peer.pieces.has(piece) };
}

function nextPartial(
  torrent: TorrentState,
  content: TorrentContent,
  peer: Peer,
  askable: PieceSet,
): PartialPiece | undefined {
  const site = siteFor(torrent, peer);
  if (site !== undefined) return nextOverWan(torrent, content, site, peer, askable);
  let orphan: PartialPiece | undefined;
  let shared: PartialPiece | undefined;
  let begun = 0;
  for (const partial of torrent.partials.values()) {
    if (!askable.has(partial.piece)) continue;
    begun += 1;
    if (partial.openCount === 0 || partial.state !== 'collecting') continue;
    if (partial.owner === peer) return partial;
    if (partial.owner === undefined) orphan ??= partial;
    else if (!partial.exclusive && partial.receivedCount >= (shared?.receivedCount ?? 0)) shared = partial;
  }
  if (isDistrusted(torrent, peer)) {
    if (begun >= peer.usefulCount || content.picker.openCount < sparePieces(content)) return undefined;
    const piece = content.picker.pick(askable, askable.bits !== undefined);
    return piece === -1 ? undefined : beginPiece(torrent, content, peer, piece);
  }
  const onParole = torrent.blame.onParole(peer.key);
  if (orphan !== undefined && !onParole) {
    orphan.owner = peer;
    return orphan;
  }
  // Most often everything useful that the peer has is begun: then the picker would search in vain.
  const piece = peer.usefulCount > begun ? content.picker.pick(askable, askable.bits !== undefined) : -1;
  const started = piece === -1 ? undefined : beginPiece(torrent, content, peer, piece, onParole);
  return started ?? (onParole ? undefined : shared);
}

function sparePieces({ geometry }: TorrentContent): number {
  return Math.min(SPARE_PIECES, geometry.pieceCount * SPARE_PART);
}

/** The site in whose name we ask this peer: everybody outside it is asked only for what we claimed. */
function siteFor(torrent: TorrentState, peer: Peer): SiteState | undefined {
  return peer.place.class === 'site' ? undefined : activeSite(torrent);
}

/** Asks for open blocks in order; returns how many. */
function requestOpenBlocks(
  content: TorrentContent,
  peer: Peer,
  partial: PartialPiece,
  most: number,
  nowMs: number,
): number {
  let asked = 0;
  for (let block = partial.nextOpen(); block !== -1 && asked < most; block = partial.nextOpen()) {
    request(content, peer, partial, block, nowMs);
    asked += 1;
  }
  return asked;
}

function request(
  content: TorrentContent,
  peer: Peer,
  partial: PartialPiece,
  block: number,
  nowMs: number,
): void {
  const id = partial.piece * content.blocksPerPiece + block;
  // It was asked for before, and while it was not, a part of it may have come and gone: what comes now has to be whole.
  if (peer.incoming?.id === id) peer.incoming = undefined;
  partial.requested(block);
  peer.requests.set(id, nowMs);
  peer.connection.protocol.request(partial.piece, block * BLOCK_LENGTH, partial.blockLength(block));
}

/** Endgame: every block is asked for, this peer has time, and some other is slow. */
function requestDuplicates(
  torrent: TorrentState,
  content: TorrentContent,
  peer: Peer,
  askable: PieceSet,
  nowMs: number,
): void {
  if (content.picker.openCount > 0 || torrent.starved.size > 0) return;
  const waiting = [...torrent.partials.values()].filter((partial) => partial.state === 'collecting');
  if (waiting.length === 0 || waiting.some((partial) => partial.openCount > 0)) return;
  armEndgame(torrent);
  const requestersMax = peer.downloadedBytes > 0 && !peer.depth.snubbed ? REQUESTERS_MAX : STRANGERS_MAX;
  for (const partial of waiting) {
    if (partial.exclusive || !askable.has(partial.piece)) continue;
    if (nowMs - partial.progressMs < ENDGAME_AGE_MS) continue;
    for (let block = 0; block < partial.blockCount; block += 1) {
      if (peer.requests.size >= ENDGAME_DEPTH_MAX) return;
      const id = partial.piece * content.blocksPerPiece + block;
      const requesters = partial.requesters(block);
      if (requesters === 0 || requesters >= requestersMax || peer.requests.has(id)) continue;
      request(content, peer, partial, block, nowMs);
    }
  }
}

/** Looks again soon: pieces become overdue without anything arriving. */
function armEndgame(torrent: TorrentState): void {
  if (torrent.endgameArmed) return;
  torrent.endgameArmed = true;
  torrent.shared.clock.schedule(ENDGAME_INTERVAL_MS, () => {
    torrent.endgameArmed = false;
    for (const peer of torrent.peers.values()) {
      scheduleRequests(torrent, peer);
      peer.connection.flush();
    }
  });
}

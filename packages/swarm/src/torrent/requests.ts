/*
 * The lives of requests and of the pieces they belong to: a piece is begun with a peer as its owner, requests come to nothing one by
 * one or all at once, a piece is given up. Which requests are made at all is decided in `schedule-requests.ts`.
 */
import { BLOCK_LENGTH } from '@brine/piece-store';
import { pieceSize } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import { PartialPiece } from './partial-piece.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** Begins a piece with a peer as its owner; undefined while no buffer is free. */
export function beginPiece(
  torrent: TorrentState,
  content: TorrentContent,
  peer: Peer,
  piece: number,
  exclusive = false,
): PartialPiece | undefined {
  const buffer = content.store.borrow(piece);
  if (buffer === undefined) {
    torrent.starved.add(peer);
    return undefined;
  }
  const partial = new PartialPiece(buffer, pieceSize(content.geometry, piece), torrent.shared.clock.nowMs());
  partial.owner = peer;
  partial.exclusive = exclusive;
  content.picker.start(piece);
  torrent.partials.set(piece, partial);
  return partial;
}

/** Gives a peer's requests back: it choked us, left, or is too slow. `tell` sends cancels. */
export function releaseRequests(torrent: TorrentState, peer: Peer, tell: boolean, keep = 0): void {
  const content = torrent.content;
  if (content === undefined) return;
  for (const id of [...peer.requests.keys()].slice(keep)) {
    const { piece, block } = locate(content, id);
    if (tell) {
      const length = torrent.partials.get(piece)?.blockLength(block) ?? BLOCK_LENGTH;
      peer.connection.protocol.cancel(piece, block * BLOCK_LENGTH, length);
    }
    releaseRequest(torrent, content, peer, id);
  }
  for (const partial of torrent.partials.values()) {
    if (partial.owner === peer && peer.requests.size === 0) disown(partial);
  }
}

/** One request came to nothing. */
export function releaseRequest(torrent: TorrentState, content: TorrentContent, peer: Peer, id: number): void {
  if (!peer.requests.delete(id)) return;
  const { piece, block } = locate(content, id);
  torrent.partials.get(piece)?.released(block);
}

/**
 * It refused although it does not choke us. Once is chance (it dropped a piece, its queue is full); who refuses again and again
 * without ever sending a block gets a rest, longer each time, and others take over what it began.
 */
export function noteRefusal(torrent: TorrentState, peer: Peer): void {
  peer.refusals += 1;
  if (peer.refusals % REFUSALS_MAX !== 0) return;
  const rests = peer.refusals / REFUSALS_MAX;
  peer.restsUntilMs = torrent.shared.clock.nowMs() + Math.min(REST_MAX_MS, REST_MIN_MS * 2 ** (rests - 1));
  releaseRequests(torrent, peer, false);
}

const REFUSALS_MAX = 50;
const REST_MIN_MS = 5_000;
const REST_MAX_MS = 300_000;

/** Takes a piece's outstanding requests back from everybody who was asked; what has come stays. */
export function releasePiece(torrent: TorrentState, partial: PartialPiece): void {
  const content = torrent.content!;
  for (const peer of torrent.peers.values()) {
    for (let block = 0; block < partial.blockCount; block += 1) {
      const id = partial.piece * content.blocksPerPiece + block;
      if (!peer.requests.has(id)) continue;
      peer.connection.protocol.cancel(partial.piece, block * BLOCK_LENGTH, partial.blockLength(block));
      releaseRequest(torrent, content, peer, id);
    }
  }
  disown(partial);
}

/** Gives up a piece that nobody can complete, so that its buffer serves another. */
export function dropPartial(torrent: TorrentState, content: TorrentContent, partial: PartialPiece): void {
  for (const peer of torrent.peers.values()) {
    for (let block = 0; block < partial.blockCount; block += 1) {
      peer.requests.delete(partial.piece * content.blocksPerPiece + block);
    }
  }
  partial.state = 'dropped';
  torrent.partials.delete(partial.piece);
  const wasted = partial.receivedCount * BLOCK_LENGTH;
  torrent.meter.wastedBytes += wasted;
  torrent.shared.meter.wastedBytes += wasted;
  content.picker.abandon(partial.piece);
  content.store.giveBack(partial.buffer);
}

function disown(partial: PartialPiece): void {
  partial.owner = undefined;
  partial.exclusive = false;
}

function locate(content: TorrentContent, id: number): { piece: number; block: number } {
  const piece = Math.floor(id / content.blocksPerPiece);
  return { piece, block: id - piece * content.blocksPerPiece };
}

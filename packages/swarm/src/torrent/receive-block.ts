/*
 * The life of a block on its way in, in one place: fragments go from the network's buffer straight to the block's place in its
 * piece (the only copy), the last fragment completes the block, the last block hands the piece to the store.
 *
 * Two peers may be sending the same block in endgame. Whoever asked second fills a scratch copy, so that nobody's bytes are mixed;
 * the first to finish wins and the others are told to stop. A peer whose request was withdrawn writes nowhere.
 */
import { BLOCK_LENGTH } from '@brine/piece-store';
import type { BlockFragment } from '@brine/wire';

import type { IncomingBlock, Peer } from '../peers/peer.ts';
import { copyFragment } from './copy-fragment.ts';
import type { PartialPiece } from './partial-piece.ts';
import { isLan } from './site/site-state.ts';
import type { TorrentState } from './torrent-state.ts';

/** What a full pipeline that was cancelled brings. */
const UNREQUESTED_MAX = 8 * 1024 * 1024;

/** Takes a fragment in; returns the piece when it became whole with it. */
export function receiveBlock(
  torrent: TorrentState,
  peer: Peer,
  fragment: BlockFragment,
): PartialPiece | undefined {
  const nowMs = torrent.shared.clock.nowMs();
  if (fragment.offset === 0) peer.incoming = place(torrent, peer, fragment);
  count(peer, fragment.bytes.length, nowMs);

  const incoming = peer.incoming;
  if (incoming === undefined || !peer.requests.has(incoming.id) || incoming.partial.state !== 'collecting') {
    waste(peer, fragment.bytes.length);
    return undefined;
  }
  peer.lastPayloadMs = nowMs;
  copyFragment(incoming.target, fragment.bytes, fragment.offset);
  if (!fragment.last) return undefined;
  peer.incoming = undefined;
  return completeBlock(torrent, peer, incoming, fragment.length, nowMs);
}

/** Where the block goes; undefined when nobody asked this peer for it. */
function place(
  torrent: TorrentState,
  peer: Peer,
  { piece, begin, length }: BlockFragment,
): IncomingBlock | undefined {
  const partial = torrent.partials.get(piece);
  if (partial === undefined || begin % BLOCK_LENGTH !== 0) return undefined;
  const block = begin / BLOCK_LENGTH;
  const id = piece * torrent.content!.blocksPerPiece + block;
  if (!peer.requests.has(id) || length !== partial.blockLength(block)) return undefined;
  const scratch = partial.requesters(block) > 1;
  const target = scratch ? new Uint8Array(length) : partial.buffer.bytes.subarray(begin, begin + length);
  return { id, partial, block, target, scratch };
}

function completeBlock(
  torrent: TorrentState,
  peer: Peer,
  { id, partial, block, target, scratch }: IncomingBlock,
  length: number,
  nowMs: number,
): PartialPiece | undefined {
  peer.depth.blockReceived(length, nowMs, isLan(peer) ? undefined : peer.requests.get(id));
  peer.requests.delete(id);
  peer.refusals = 0;
  if (scratch) partial.buffer.bytes.set(target, block * BLOCK_LENGTH);
  const others = partial.requesters(block) - 1;
  partial.received(block, peer.key, nowMs);
  if (others > 0) withdraw(torrent, peer, id, partial, block);
  if (!partial.complete) return undefined;
  partial.state = 'committing';
  return partial;
}

/** The others that were asked for this block need not send it any more. */
function withdraw(
  torrent: TorrentState,
  winner: Peer,
  id: number,
  partial: PartialPiece,
  block: number,
): void {
  for (const peer of torrent.peers.values()) {
    if (peer === winner || !peer.requests.delete(id)) continue;
    peer.connection.protocol.cancel(partial.piece, block * BLOCK_LENGTH, partial.blockLength(block));
    peer.connection.flush();
  }
}

function count(peer: Peer, bytes: number, nowMs: number): void {
  peer.downloadedBytes += bytes;
  peer.downRate.add(bytes, nowMs);
  for (const meter of peer.meters) {
    meter.downloadedBytes += bytes;
    meter.downRate.add(bytes, nowMs);
  }
}

/** Blocks that were cancelled while under way are nobody's fault; a stream of blocks that nobody asked for is. */
function waste(peer: Peer, bytes: number): void {
  peer.unrequestedBytes += bytes;
  if (peer.unrequestedBytes > UNREQUESTED_MAX && peer.unrequestedBytes * 2 > peer.downloadedBytes) {
    peer.connection.close('sends blocks that nobody asked for');
  }
  for (const meter of peer.meters) meter.wastedBytes += bytes;
}

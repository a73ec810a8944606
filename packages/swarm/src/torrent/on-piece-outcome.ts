import { StoreError } from '@brine/piece-store';
import type { CommitOutcome } from '@brine/piece-store';
import { pieceSize } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import type { Verdict } from '../policy/blame.ts';
import { announcePiece } from './announce-piece.ts';
import { diskWorks, isLoss, publishWhenComplete, suspendForDisk } from './disk.ts';
import { pieceIsOurs } from './interest.ts';
import type { PartialPiece } from './partial-piece.ts';
import { creditSite, discreditSite } from './site/credit.ts';
import { onPieceOurs } from './site/wan-fetching.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** Hands a whole piece to the store; `settled` is told what became of it. */
export function commitPiece(
  torrent: TorrentState,
  content: TorrentContent,
  partial: PartialPiece,
  settled: (outcome: CommitOutcome) => void,
): void {
  const digestBlocks = torrent.blame.needsDigests(partial.piece);
  content.store.commit(partial.buffer, { digestBlocks }, settled);
}

/** The store has decided about a piece. `commitAgain` is for the day when the disk works. */
export function onPieceOutcome(
  torrent: TorrentState,
  content: TorrentContent,
  partial: PartialPiece,
  outcome: CommitOutcome,
  commitAgain: () => void,
): void {
  switch (outcome.type) {
    case 'stored':
      torrent.partials.delete(partial.piece);
      partial.state = 'dropped';
      acquit(torrent, partial);
      creditSite(torrent, partial);
      if (outcome.blockDigests !== undefined) {
        condemn(torrent, torrent.blame.verified(partial.piece, outcome.blockDigests));
      }
      onPieceStored(torrent, content, partial.piece);
      return;
    case 'corrupt':
      torrent.partials.delete(partial.piece);
      partial.state = 'dropped';
      onPieceCorrupt(torrent, content, partial, outcome.blockDigests);
      return;
    case 'failed':
      onPieceFailed(torrent, partial, outcome.error, commitAgain);
  }
}

/** Files that are gone are made anew at once; if they are gone again, the disk itself is, or the way to it, and is waited for. */
function onPieceFailed(
  torrent: TorrentState,
  partial: PartialPiece,
  error: StoreError,
  commitAgain: () => void,
): void {
  if (!isLoss(error)) suspendForDisk(torrent, error, commitAgain);
  else if (partial.metLoss)
    suspendForDisk(torrent, new StoreError('io-failed', error.message, { cause: error }), commitAgain);
  else {
    partial.metLoss = true;
    torrent.receive({ type: 'content-lost', error });
    commitAgain();
  }
}

function onPieceStored(torrent: TorrentState, content: TorrentContent, piece: number): void {
  content.picker.have(piece);
  pieceIsOurs(torrent, piece);
  announcePiece(torrent, piece);
  onPieceOurs(torrent, piece);
  torrent.shared.emit('piece-verified', { id: torrent.id, piece });
  diskWorks(torrent);
  publishWhenComplete(torrent);
}

function onPieceCorrupt(
  torrent: TorrentState,
  content: TorrentContent,
  partial: PartialPiece,
  digests: readonly Uint8Array[],
): void {
  const wasted = pieceSize(content.geometry, partial.piece);
  torrent.meter.wastedBytes += wasted;
  torrent.shared.meter.wastedBytes += wasted;
  content.picker.abandon(partial.piece);
  const blocks = partial.contributors.map((contributor, block) => ({ contributor, digest: digests[block]! }));
  const suspects = addressesOf(torrent, new Set(partial.contributors));
  torrent.shared.emit('piece-corrupt', { id: torrent.id, piece: partial.piece, suspects });
  condemn(torrent, torrent.blame.failed(partial.piece, blocks));
}

/** A right piece by a single author ends that author's parole. */
function acquit(torrent: TorrentState, { contributors }: PartialPiece): void {
  const author = contributors[0]!;
  if (!torrent.blame.onParole(author)) return;
  if (contributors.every((contributor) => contributor === author)) torrent.blame.proved(author);
}

function condemn(torrent: TorrentState, verdict: Verdict): void {
  if (verdict.guilty.length === 0) return;
  const guilty = new Set(verdict.guilty);
  for (const key of guilty) torrent.peerList.ban(undefined, key);
  for (const peer of torrent.peers.values()) {
    if (guilty.has(peer.key)) ban(torrent, peer, 'sent corrupt data');
  }
}

/** Ends a peer's part in this torrent for good. */
export function ban(torrent: TorrentState, peer: Peer, reason: string): void {
  torrent.peerList.ban(peer.address, peer.key);
  torrent.shared.emit('peer-banned', { id: torrent.id, address: peer.address, reason });
  discreditSite(torrent, peer);
  peer.connection.close(`banned: ${reason}`);
}

function addressesOf(torrent: TorrentState, keys: ReadonlySet<string>): Peer['address'][] {
  return [...torrent.peers.values()].filter((peer) => keys.has(peer.key)).map((peer) => peer.address);
}

/*
 * Who hears of a new piece, and when. A `have` by itself takes 75 bytes on the wire and is answered by an acknowledgement, and everybody at
 * a site soon has what one of them has fetched: said at once by each, that is 1 to 2 % of the payload (measured with 2 sites of 12). So
 * everybody hears at once from the one who fetched the piece; from the others, other sites hear together, a little later, and the LAN a few
 * pieces at a time: who has got a piece meanwhile, and has said so, need not hear of it.
 */
import { AnnouncingPace } from '../policy/announcing-pace.ts';
import type { Peer } from '../peers/peer.ts';
import { activeSite, isLan } from './site/site-state.ts';
import { hasAllWanted } from './torrent-state.ts';
import type { TorrentState } from './torrent-state.ts';

/** What came over the LAN is known outside already: who fetched it has said so. */
const LATE_DELAY_MS = 1_000;

/** Pieces that others have not heard of yet; bounded by the pieces. */
export interface Announcing {
  readonly pieces: Set<number>;
  readonly pace: AnnouncingPace;
  /** Calls off the announcement that is due; undefined while none is. */
  cancel: (() => void) | undefined;
  /** Pieces that other sites are told of with the next lot. */
  readonly late: Set<number>;
}

export function createAnnouncing(): Announcing {
  return { pieces: new Set(), pace: new AnnouncingPace(), cancel: undefined, late: new Set() };
}

/** To be called when a piece is verified, while a claim on it still stands. */
export function announcePiece(torrent: TorrentState, piece: number): void {
  const { announcing, shared } = torrent;
  const nowMs = shared.clock.nowMs();
  const site = activeSite(torrent);
  const isNew = site?.claims.own.has(piece) === true;
  if (site !== undefined && !isNew) announceLate(torrent, piece);
  announcing.pieces.add(piece);
  announcing.pace.stored(nowMs);
  if (isNew || hasAllWanted(torrent)) announceAll(torrent);
  else
    announcing.cancel ??= shared.clock.schedule(announcing.pace.delayMs(nowMs), () => {
      announceAll(torrent);
    });
}

/** All that is new, but for what other sites hear of later. */
function announceAll(torrent: TorrentState): void {
  const { announcing, shared } = torrent;
  const { pieces, late } = announcing;
  announcing.cancel?.();
  announcing.cancel = undefined;
  announcing.pace.told(shared.clock.nowMs());
  for (const peer of torrent.peers.values()) {
    for (const piece of pieces) if (isLan(peer) || !late.has(piece)) tell(torrent, peer, piece);
    peer.connection.flush();
  }
  pieces.clear();
}

function announceLate(torrent: TorrentState, piece: number): void {
  const { announcing, shared } = torrent;
  const { late } = announcing;
  late.add(piece);
  if (late.size > 1) return;
  shared.clock.schedule(LATE_DELAY_MS, () => {
    for (const peer of torrent.peers.values()) {
      if (isLan(peer)) continue;
      for (const each of late) tell(torrent, peer, each);
      peer.connection.flush();
    }
    late.clear();
  });
}

/** It may be lost again by now. */
function tell({ content }: TorrentState, peer: Peer, piece: number): void {
  if (!peer.pieces.has(piece) && content?.store.has(piece) === true) peer.connection.protocol.have(piece);
}

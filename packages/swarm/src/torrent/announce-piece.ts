/*
 * Who hears of a new piece, and when. A `have` by itself takes 75 bytes on the wire and is answered by an acknowledgement, and everybody at
 * a site soon has what one of them has fetched: said at once by each, that is 1 to 2 % of the payload (measured with 2 sites of 12). So
 * other sites hear at once from the one who fetched the piece, and from the others together, a little later.
 */
import type { Peer } from '../peers/peer.ts';
import { activeSite, isLan } from './site/site-state.ts';
import type { TorrentState } from './torrent-state.ts';

/** Messages about a new piece wait this long for company: on a fast link many pieces share one write to each peer. */
const ANNOUNCE_DELAY_MS = 20;
/** What came over the LAN is known outside already: who fetched it has said so. */
const LATE_DELAY_MS = 1_000;

/** To be called when a piece is verified, while a claim on it still stands. */
export function announcePiece(torrent: TorrentState, piece: number): void {
  const site = activeSite(torrent);
  const late = site !== undefined && !site.claims.own.has(piece);
  for (const peer of torrent.peers.values()) if (!late || isLan(peer)) tell(peer, piece);
  if (late) announceLate(torrent, piece);
  announceSoon(torrent);
}

/** Sends what was said about new pieces, unless something else has carried it by then. */
function announceSoon(torrent: TorrentState): void {
  if (torrent.havesQueued) return;
  torrent.havesQueued = true;
  torrent.shared.clock.schedule(ANNOUNCE_DELAY_MS, () => {
    torrent.havesQueued = false;
    for (const peer of torrent.peers.values()) peer.connection.flush();
  });
}

function announceLate(torrent: TorrentState, piece: number): void {
  const { lateHaves, shared } = torrent;
  lateHaves.add(piece);
  if (lateHaves.size > 1) return;
  shared.clock.schedule(LATE_DELAY_MS, () => {
    for (const peer of torrent.peers.values()) {
      if (isLan(peer)) continue;
      for (const late of lateHaves) if (torrent.content?.store.has(late) === true) tell(peer, late);
      peer.connection.flush();
    }
    lateHaves.clear();
  });
}

function tell(peer: Peer, piece: number): void {
  if (!peer.pieces.has(piece)) peer.connection.protocol.have(piece);
}

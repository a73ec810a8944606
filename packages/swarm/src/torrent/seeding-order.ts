/*
 * The order in which peers are served that do not agree among themselves who fetches what: first what has left this machine least often,
 * piece by piece, and few peers at once, so that everybody soon has something that the others lack.
 */
import type { Peer } from '../peers/peer.ts';
import { Departures } from '../policy/departures.ts';
import { UploadTurns } from '../policy/upload-turns.ts';
import { isLan } from './site/site-state.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';

/** What a torrent knows of what it has sent; a byte for each piece. */
export interface SeedingOrder {
  readonly departures: Departures;
  readonly turns: UploadTurns<Peer>;
  /** Turns are being given: whoever ends one meanwhile need not look who is next. */
  granting: boolean;
}

/**
 * Whether a peer may be sent what comes next; its requests are put into order for that. False: it has to wait for its turn, or for
 * the end of it.
 */
export function maySendNext(
  torrent: TorrentState,
  content: TorrentContent,
  peer: Peer,
  nowMs: number,
): boolean {
  const { uploads } = peer;
  const head = uploads.at(0);
  if (head === undefined || !takesTurns(torrent, peer)) {
    if (uploads.unflushedBytes === 0) torrent.seedingOrder?.turns.end(peer);
    return true;
  }
  const { departures, turns } = (torrent.seedingOrder ??= newOrder(content));
  if (head.piece === uploads.piece) return turns.ask(peer, nowMs);
  const piece = nextPiece(departures, peer);
  const isNew = piece !== uploads.piece;
  if (isNew && turns.someoneWaits) {
    // What was written is not yet sent.
    if (uploads.unflushedBytes > 0) return false;
    if (turns.hasBegun(peer)) turns.end(peer);
  }
  if (!turns.ask(peer, nowMs)) return false;
  if (piece !== head.piece) uploads.advance(piece);
  if (isNew) departures.count(piece);
  uploads.piece = piece;
  return true;
}

/** Whose turn begins now; undefined when nobody waits, or all turns are taken. */
export function nextTurn({ seedingOrder }: TorrentState, nowMs: number): Peer | undefined {
  if (seedingOrder === undefined) return undefined;
  const { departures, turns } = seedingOrder;
  return turns.next((peer) => {
    if (peer.uploads.at(0) === undefined) return undefined;
    const piece = nextPiece(departures, peer);
    return piece === peer.uploads.piece ? BEGUN : departures.of(piece);
  }, nowMs);
}

/** Before all that would have to be begun. */
const BEGUN = -0.5;

function newOrder({ geometry }: TorrentContent): SeedingOrder {
  return { departures: new Departures(geometry.pieceCount), turns: new UploadTurns(), granting: false };
}

/**
 * Not our own site, where serving costs nothing; nor a few other sites of Brine machines: they share out the pieces before they ask. Of many,
 * each would have its first piece late, and nothing to pass on meanwhile. (Simulated, 40 sites of 10 and an origin with a line like theirs: 1.5
 * instead of 3.3 times the ideal time, 1.5 instead of 3.4 copies out of the origin.)
 */
function takesTurns(torrent: TorrentState, peer: Peer): boolean {
  if (isLan(peer)) return false;
  return peer.site?.label === undefined || isCrowded(torrent);
}

/** Asked for every span that leaves, so it counts no further than it must. */
function isCrowded({ peers }: TorrentState): boolean {
  if (peers.size < CROWD) return false;
  let outside = 0;
  for (const peer of peers.values()) if (!isLan(peer) && ++outside === CROWD) return true;
  return false;
}

/** Fetchers of eight sites. */
const CROWD = 16;

/** The rest of what it has begun, or what has left least often. */
function nextPiece(departures: Departures, { uploads }: Peer): number {
  const head = uploads.at(0)!.piece;
  let rarest = head;
  for (const piece of uploads.pieces()) {
    if (piece === uploads.piece) return piece;
    if (departures.of(piece) < departures.of(rarest)) rarest = piece;
  }
  return rarest;
}

import type { Peer } from '../peers/peer.ts';
import { dialablePeers, sendPex } from './extended-peer.ts';
import { requestFromAll } from './metadata-exchange.ts';
import { measureQueues } from './site/queue-probe.ts';
import { tellInterest } from './interest.ts';
import { updatePlaces } from './site/members.ts';
import { rechokeWhenDue } from './rechoke.ts';
import { housekeepSite } from './site/site-housekeeping.ts';
import { dropPartial, releaseRequests } from './requests.ts';
import { grantTurns } from './serve-requests.ts';
import { scheduleRequests } from './schedule-requests.ts';
import { showToOverdue } from './super-seed.ts';
import type { TorrentState } from './torrent-state.ts';

/** A peer that is silent for longer is gone; BEP 3 asks for a keep-alive every two minutes. */
const INACTIVITY_MAX_MS = 120_000;
const KEEP_ALIVE_AFTER_MS = 100_000;
/** No payload for this long while requests are outstanding: others are asked for the same blocks. */
const SNUBBED_AFTER_MS = 20_000;
/** On a LAN whoever can deliver does so at once. */
const SNUBBED_AT_SITE_MS = 5_000;
const EXCLUSIVE_MAX_MS = 10_000;
/** No payload for this long: the requests are lost. */
const REQUEST_TIMEOUT_MS = 60_000;

/** What is to be done about once a second. */
export function housekeep(torrent: TorrentState, nowMs: number): void {
  updatePlaces(torrent, nowMs);
  housekeepSite(torrent, nowMs);
  const dialable = torrent.peers.size > 0 ? dialablePeers(torrent) : [];
  for (const peer of torrent.peers.values()) {
    if (nowMs - peer.connection.lastReceivedMs > INACTIVITY_MAX_MS) {
      peer.connection.close('silent for two minutes');
      continue;
    }
    if (nowMs - peer.connection.lastSentMs > KEEP_ALIVE_AFTER_MS) peer.connection.protocol.keepAlive();
    noticeSnubbing(torrent, peer, nowMs);
    tellInterest(peer);
    scheduleRequests(torrent, peer);
    sendPex(torrent, peer, dialable, nowMs);
    peer.connection.flush();
  }
  endSlowExclusives(torrent, nowMs);
  freeStrandedBuffers(torrent);
  requestFromAll(torrent);
  rechokeWhenDue(torrent, nowMs);
  grantTurns(torrent, nowMs);
  showToOverdue(torrent, nowMs);
  measureQueues(torrent, nowMs);
  leaveOtherSeeds(torrent);
}

/** A peer that was asked and does not deliver gets one request at a time, and what it sits on is asked of others. */
function noticeSnubbing(torrent: TorrentState, peer: Peer, nowMs: number): void {
  if (peer.requests.size === 0) return;
  const idleMs = nowMs - peer.lastPayloadMs;
  if (idleMs > REQUEST_TIMEOUT_MS) {
    releaseRequests(torrent, peer, true);
    peer.lastPayloadMs = nowMs;
  } else if (
    idleMs > (peer.place.class === 'site' ? SNUBBED_AT_SITE_MS : SNUBBED_AFTER_MS) &&
    !peer.depth.snubbed
  ) {
    peer.depth.snubbed = true;
    releaseRequests(torrent, peer, true, 1);
  }
}

/** A peer on parole fetches its pieces alone, but it must fetch them: when it does not, others may help. */
function endSlowExclusives(torrent: TorrentState, nowMs: number): void {
  for (const partial of torrent.partials.values()) {
    if (partial.exclusive && nowMs - partial.progressMs > EXCLUSIVE_MAX_MS) partial.exclusive = false;
  }
}

/** Buffers are short and some hold pieces that nobody here can complete: give those up. */
function freeStrandedBuffers(torrent: TorrentState): void {
  const { content } = torrent;
  if (torrent.starved.size === 0 || content === undefined) return;
  for (const partial of torrent.partials.values()) {
    if (partial.state !== 'collecting' || content.picker.availability(partial.piece) > 0) continue;
    dropPartial(torrent, content, partial);
  }
}

/** Two seeds have nothing to give each other. */
function leaveOtherSeeds(torrent: TorrentState): void {
  if (torrent.phase !== 'seeding') return;
  for (const peer of torrent.peers.values()) {
    // A peer that had a piece before us is not told that we have it too, so completeness is told by `upload_only`, BEP 21.
    if (!(peer.pieces.complete || peer.uploadOnly) || peer.peerInterested) continue;
    torrent.peerList.isSeed(peer.address, torrent.shared.clock.nowMs());
    peer.connection.close('both have everything');
  }
}

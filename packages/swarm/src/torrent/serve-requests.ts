/*
 * The life of a block on its way out: a request waits in its peer's queue until the stream wants more, its run comes from the
 * framed cache (loaded whole, ahead of need), and neighbouring requests leave as one view of that run.
 */
import { BLOCK_LENGTH } from '@brine/piece-store';
import type { StoreError } from '@brine/piece-store';
import { PIECE_HEADER_LENGTH, pieceSize, writePieceHeader } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import { isLoss } from './disk.ts';
import { RUN_BLOCKS } from './framed-cache.ts';
import type { FramedRun } from './framed-cache.ts';
import { maySendNext, nextTurn } from './seeding-order.ts';
import { isShown } from './super-seed.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';
import type { SendingSpan, UploadRequest } from './upload-queue.ts';

/**
 * Bytes handed to the stream ahead: a tenth of a second's worth within these bounds. Less leaves the link idle; more pins memory, and
 * every `have` and claim waits behind it.
 */
const AHEAD_SECONDS = 0.1;
const AHEAD_MIN = 64 * 1024;
const AHEAD_MAX = 1024 * 1024;
/** Runs that are loaded ahead of the one being sent. */
const READ_AHEAD_RUNS = 3;
/** Requests of a kind that no healthy peer sends; more than this many end the connection. */
const INVALID_REQUESTS_MAX = 300;

/** A peer asks for a block. */
export function onRequest(torrent: TorrentState, peer: Peer, request: UploadRequest): void {
  const content = torrent.content;
  const allowed = !peer.amChoking || peer.grantedFast?.has(request.piece) === true;
  const shown = isShown(torrent, peer, request.piece);
  if (content === undefined || !allowed || !shown || !content.store.has(request.piece)) {
    refuse(peer, request);
    if (content !== undefined && !content.store.has(request.piece)) countInvalid(peer);
    return;
  }
  if (!peer.uploads.push(request)) {
    refuse(peer, request);
    return;
  }
  pump(torrent, content, peer);
}

/** The peer does not want a block any more; with Fast it hears that it will not come. */
export function onCancel(peer: Peer, { piece, begin, length }: UploadRequest): void {
  if (peer.uploads.remove(piece, begin, length)) refuse(peer, { piece, begin, length });
}

/** A request that names nothing that exists. */
export function onInvalidRequest(peer: Peer, request: UploadRequest): void {
  refuse(peer, request);
  countInvalid(peer);
}

/** Drops what is queued because we choke the peer; what it may request while choked stays. */
export function dropUploads(peer: Peer): void {
  for (const request of peer.uploads.drop(peer.grantedFast)) refuse(peer, request);
}

/** Sends until the stream has enough, the limiter says wait, its turn is over, or nothing is left. */
function pump(torrent: TorrentState, content: TorrentContent, peer: Peer): void {
  sendMore(torrent, content, peer);
  if (torrent.seedingOrder !== undefined) grantTurns(torrent, torrent.shared.clock.nowMs());
}

/** Serves those whose turn comes. To be called when one ends, and now and then: nobody waits for those who take nothing. */
export function grantTurns(torrent: TorrentState, nowMs: number): void {
  const { content, seedingOrder } = torrent;
  if (content === undefined || seedingOrder === undefined || seedingOrder.granting) return;
  seedingOrder.granting = true;
  for (let peer = nextTurn(torrent, nowMs); peer !== undefined; peer = nextTurn(torrent, nowMs))
    sendMore(torrent, content, peer);
  seedingOrder.granting = false;
}

function sendMore(torrent: TorrentState, content: TorrentContent, peer: Peer): void {
  const { connection, uploads } = peer;
  const nowMs = torrent.shared.clock.nowMs();
  const aheadMax = Math.min(
    AHEAD_MAX,
    Math.max(AHEAD_MIN, peer.upRate.bytesPerSecond(nowMs) * AHEAD_SECONDS),
  );
  const { unlimited } = peer.limiters.up;
  while (uploads.waiting === 'no' && !connection.closed && connection.unsentBytes < aheadMax) {
    if (uploads.sending === undefined && !maySendNext(torrent, content, peer, nowMs)) break;
    uploads.sending ??= nextSpan(torrent, content, peer, unlimited);
    const span = uploads.sending;
    if (span === undefined) return;
    const wanted = span.end - span.at;
    const granted = unlimited ? wanted : peer.limiters.up.take(nowMs, wanted);
    if (granted === 0) {
      waitForBandwidth(torrent, content, peer);
      return;
    }
    sendPart(torrent, content, peer, span, granted);
  }
}

function sendPart(
  torrent: TorrentState,
  content: TorrentContent,
  peer: Peer,
  span: SendingSpan,
  bytes: number,
): void {
  const view = span.bytes.subarray(span.at, span.at + bytes);
  span.at += bytes;
  const whole = span.at === span.end;
  if (whole) {
    peer.uploads.sending = undefined;
    countUploaded(torrent, peer, span.payload);
  }
  // The last part goes out on the span's own pin.
  if (span.run !== undefined && !whole) span.run.pins += 1;
  peer.uploads.unflushedBytes += bytes;
  peer.connection.writeFrames(view, whole, () => {
    peer.uploads.unflushedBytes -= bytes;
    torrent.seedingOrder?.turns.moved(peer, bytes, torrent.shared.clock.nowMs());
    if (span.run !== undefined) torrent.shared.cache.unpin(span.run);
    if (whole) peer.connection.flush();
    if (torrent.content === content) pump(torrent, content, peer);
  });
}

/** The next view to send, its requests taken off the queue; undefined when there is none yet. */
function nextSpan(
  torrent: TorrentState,
  content: TorrentContent,
  peer: Peer,
  unlimited: boolean,
): SendingSpan | undefined {
  const { uploads } = peer;
  for (let request = uploads.at(0); request !== undefined; request = uploads.at(0)) {
    if (!content.store.has(request.piece)) {
      uploads.shift();
      refuse(peer, request);
      continue;
    }
    if (!fitsRaster(content, request)) {
      uploads.shift();
      readAlone(torrent, content, peer, request);
      return undefined;
    }
    const run = findRun(torrent, content, request);
    if (run?.state === 'ready') return takeSpan(peer, run, request, unlimited);
    if (run?.state === 'loading') {
      readAhead(torrent, content, peer);
      uploads.waiting = 'read';
      run.waiting.push(() => {
        if (run.state === 'failed') refuseRun(peer, run);
        resume(torrent, content, peer);
      });
      return undefined;
    }
    uploads.waiting = 'read';
    torrent.shared.cache.whenRoom(() => {
      resume(torrent, content, peer);
    });
    return undefined;
  }
  return undefined;
}

/** What cannot be read is not tried again for the same request: a disk that fails at once would keep us busy for ever. */
function refuseRun(peer: Peer, run: FramedRun): void {
  const { uploads } = peer;
  for (let request = uploads.at(0); request?.piece === run.piece; request = uploads.at(0)) {
    if (request.begin < run.begin || request.begin >= run.begin + run.length) return;
    uploads.shift();
    refuse(peer, request);
  }
}

/** As many neighbouring blocks as are asked for in order; a single one under a limit, so that the rate stays smooth. */
function takeSpan(peer: Peer, run: FramedRun, first: UploadRequest, unlimited: boolean): SendingSpan {
  const { uploads } = peer;
  const at = run.frameAt(first.begin);
  const most = unlimited ? RUN_BLOCKS : 1;
  let end = at;
  let payload = 0;
  let next: UploadRequest | undefined = first;
  for (let taken = 0; taken < most && next !== undefined; taken += 1) {
    if (next.piece !== run.piece || next.begin < run.begin || run.frameAt(next.begin) !== end) break;
    if (next.begin >= run.begin + run.length || next.length !== run.blockLength(next.begin)) break;
    end += PIECE_HEADER_LENGTH + next.length;
    payload += next.length;
    uploads.shift();
    next = uploads.at(0);
  }
  // Pinned from here on: between two parts of a limited frame its memory must not go to another run.
  run.pins += 1;
  return { run, bytes: run.bytes, at, end, payload };
}

function findRun(
  torrent: TorrentState,
  content: TorrentContent,
  { piece, begin }: UploadRequest,
): FramedRun | undefined {
  const { cache } = torrent.shared;
  return cache.run(torrent.id, content.store, pieceSize(content.geometry, piece), piece, begin, (error) => {
    readFailed(torrent, error);
  });
}

/** Starts loading the runs that the queue will need next. */
function readAhead(torrent: TorrentState, content: TorrentContent, peer: Peer): void {
  for (let ahead = 1; ahead <= READ_AHEAD_RUNS; ahead += 1) {
    const request = peer.uploads.at(ahead * RUN_BLOCKS);
    if (request === undefined) return;
    if (content.store.has(request.piece) && fitsRaster(content, request)) findRun(torrent, content, request);
  }
}

/** Requests that are a block of the 16 KiB raster come from the cache; others are legal, rare, and read by themselves. */
function fitsRaster(content: TorrentContent, { piece, begin, length }: UploadRequest): boolean {
  if (begin % BLOCK_LENGTH !== 0) return false;
  return length === Math.min(BLOCK_LENGTH, pieceSize(content.geometry, piece) - begin);
}

function readAlone(torrent: TorrentState, content: TorrentContent, peer: Peer, request: UploadRequest): void {
  const { piece, begin, length } = request;
  const bytes = new Uint8Array(PIECE_HEADER_LENGTH + length);
  writePieceHeader(bytes, 0, piece, begin, length);
  peer.uploads.waiting = 'read';
  content.store.read(piece, begin, [bytes.subarray(PIECE_HEADER_LENGTH)], (error) => {
    if (error === undefined)
      peer.uploads.sending = { run: undefined, bytes, at: 0, end: bytes.length, payload: length };
    else {
      refuse(peer, request);
      readFailed(torrent, error);
    }
    resume(torrent, content, peer);
  });
}

function resume(torrent: TorrentState, content: TorrentContent, peer: Peer): void {
  peer.uploads.waiting = 'no';
  if (torrent.content === content && !peer.connection.closed) pump(torrent, content, peer);
}

function waitForBandwidth(torrent: TorrentState, content: TorrentContent, peer: Peer): void {
  const { uploads } = peer;
  uploads.waiting = 'bandwidth';
  const queue = torrent.shared.limiters.queues.up;
  const consumer = {
    limiter: peer.limiters.up,
    offer(bytes: number): number {
      const span = uploads.sending;
      queue.leave(consumer);
      uploads.turn = undefined;
      uploads.waiting = 'no';
      if (span === undefined || peer.connection.closed || torrent.content !== content) return 0;
      const used = Math.min(bytes, span.end - span.at);
      sendPart(torrent, content, peer, span, used);
      pump(torrent, content, peer);
      return used;
    },
  };
  uploads.turn = consumer;
  queue.join(consumer);
}

/** The peer hangs on another limiter now: if it waits for bandwidth, it waits there. */
export function limiterReplaced(torrent: TorrentState, peer: Peer): void {
  const { uploads } = peer;
  if (uploads.turn === undefined) return;
  torrent.shared.limiters.queues.up.leave(uploads.turn);
  uploads.turn = undefined;
  uploads.waiting = 'no';
  if (torrent.content !== undefined) pump(torrent, torrent.content, peer);
}

/** The peer is gone: nothing is sent to it any more. */
export function endUploads(torrent: TorrentState, peer: Peer): void {
  const { uploads } = peer;
  uploads.drop(undefined);
  if (uploads.sending?.run !== undefined) torrent.shared.cache.unpin(uploads.sending.run);
  uploads.sending = undefined;
  if (uploads.turn !== undefined) torrent.shared.limiters.queues.up.leave(uploads.turn);
  torrent.seedingOrder?.turns.end(peer);
  grantTurns(torrent, torrent.shared.clock.nowMs());
}

function readFailed(torrent: TorrentState, error: StoreError): void {
  if (isLoss(error)) torrent.receive({ type: 'content-lost', error });
  else
    torrent.shared.emit('trouble', { id: torrent.id, error: { code: error.code, message: error.message } });
}

/** With Fast every request ends in a block or a reject; without it, silence is what the protocol offers. */
function refuse(peer: Peer, { piece, begin, length }: UploadRequest): void {
  if (peer.connection.protocol.features.fast) peer.connection.protocol.reject(piece, begin, length);
}

function countInvalid(peer: Peer): void {
  peer.invalidRequests += 1;
  if (peer.invalidRequests > INVALID_REQUESTS_MAX) peer.connection.close('too many invalid requests');
}

function countUploaded(torrent: TorrentState, peer: Peer, payload: number): void {
  const nowMs = torrent.shared.clock.nowMs();
  peer.uploadedBytes += payload;
  peer.upRate.add(payload, nowMs);
  for (const meter of peer.meters) {
    meter.uploadedBytes += payload;
    meter.upRate.add(payload, nowMs);
  }
}

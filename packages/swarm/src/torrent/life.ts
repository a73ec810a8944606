/*
 * A torrent's way through its phases: resolving → opening (→ checking) → downloading → seeding, with paused, waiting and failed
 * beside them. Orders and the storage's answers move it; nothing else does.
 */
import { parseInfo, WireError } from '@brine/wire';
import type { Info } from '@brine/wire';
import type { PieceStore, StoreError } from '@brine/piece-store';

import { MetadataDownload } from '../discovery/metadata-download.ts';
import { MetadataServing } from '../discovery/metadata-serving.ts';
import type { PeerConnection } from '../peers/peer-connection.ts';
import { PeerPieces } from '../policy/piece-set.ts';
import { asStoreError, diskWorks, publishWhenComplete, retryNow } from './disk.ts';
import { refreshInterest } from './interest.ts';
import { replayEarly } from './on-peer-message.ts';
import { applyFilePriorities, makeContent, openStorage } from './open-storage.ts';
import { enterPhase } from './phase.ts';
import { MEETING_MAX_MS, siteChanged } from './site/meeting.ts';
import { joinAll } from './site/members.ts';
import { dropPartial } from './requests.ts';
import type { TorrentContent, TorrentState } from './torrent-state.ts';
import { hasAllWanted } from './torrent-state.ts';

/** Added, or resumed by order. */
export function start(torrent: TorrentState): void {
  torrent.paused = false;
  if (torrent.phase === 'opening' || torrent.phase === 'checking') return;
  torrent.error = undefined;
  if (torrent.retries.length > 0) retryNow(torrent);
  else if (torrent.content !== undefined) becomeActive(torrent);
  else if (torrent.info !== undefined) openStorage(torrent, torrent.info);
  else {
    torrent.metadataDownload ??= new MetadataDownload({
      infoHash: torrent.infoHash,
      sha1: (bytes) => torrent.shared.hasher.digest('sha1', bytes),
    });
    enterPhase(torrent, 'resolving');
    torrent.trackers.start();
  }
}

/** By order: off the network, everything verified is kept. */
export function pause(torrent: TorrentState): void {
  torrent.paused = true;
  leaveNetwork(torrent, 'paused');
  void torrent.trackers.stop();
  if (torrent.phase !== 'opening' && torrent.phase !== 'checking') enterPhase(torrent, 'paused');
}

/** For good: nothing of this torrent happens any more. */
export function end(torrent: TorrentState): void {
  torrent.paused = true;
  torrent.retryCancel?.();
  torrent.retries.length = 0;
  leaveNetwork(torrent, 'the torrent ended');
  torrent.limiters.release();
  torrent.shared.cache.forget(torrent.id);
}

/** The storage is open. Returns the connections that came too early, to be accepted now. */
export function onStoreOpened(
  torrent: TorrentState,
  store: PieceStore,
): ReadonlyMap<PeerConnection, Uint8Array> {
  const info = torrent.info!;
  const content = makeContent(torrent, info, store);
  torrent.content = content;
  torrent.checkProgress = undefined;
  wantSelected(torrent, store);
  for (const peer of torrent.peers.values()) {
    peer.pieces = new PeerPieces(info.pieceCount);
    content.picker.addPeer(peer.pieces);
    store.verifiedBits().forEach((byte, at) => {
      for (let bit = 0; bit < 8; bit += 1)
        if ((byte & (0x80 >> bit)) !== 0) peer.connection.protocol.have(at * 8 + bit);
    });
    replayEarly(torrent, peer);
    peer.connection.flush();
  }
  joinAll(torrent);
  // Whoever does not answer is not waited for longer than this.
  torrent.shared.clock.schedule(MEETING_MAX_MS, () => siteChanged(torrent));
  becomeActive(torrent);
  const waiting = new Map(torrent.waitingConnections);
  torrent.waitingConnections.clear();
  return waiting;
}

/** Files may have been selected while the storage was being opened with another selection. */
function wantSelected(torrent: TorrentState, store: PieceStore): void {
  const selected = torrent.filePriorities;
  if (selected === undefined || selected === torrent.openedWith) return;
  store.setWanted(selected.map((priority) => priority > 0)).catch((error: unknown) => {
    torrent.receive({
      type: 'disk-failed',
      error: asStoreError(error),
      retry: () => {
        wantSelected(torrent, store);
      },
    });
  });
}

/** A magnet's metadata is here, its hash verified. */
export function onMetadata(torrent: TorrentState, infoBytes: Uint8Array): void {
  torrent.metadataDownload = undefined;
  const info = readInfo(torrent, infoBytes);
  if (info === undefined) return;
  torrent.info = info;
  torrent.infoBytes = infoBytes;
  torrent.name = info.name;
  torrent.metadataServing = new MetadataServing(infoBytes);
  const { pieceCount, pieceLength, totalLength } = info;
  for (const peer of torrent.peers.values()) {
    peer.connection.protocol.setGeometry({ pieceCount, pieceLength, totalLength });
  }
  torrent.shared.emit('metadata-received', { id: torrent.id, name: info.name, infoBytes });
  openStorage(torrent, info);
}

/** Everything wanted stands under its final name. */
export function onBecomeComplete(torrent: TorrentState): void {
  if (!hasAllWanted(torrent)) return;
  diskWorks(torrent);
  enterPhase(torrent, torrent.paused ? 'paused' : 'seeding');
  for (const peer of torrent.peers.values()) {
    peer.connection.protocol.uploadOnly(true);
    peer.connection.flush();
  }
  if (torrent.completeTold) return;
  torrent.completeTold = true;
  torrent.trackers.completed();
  torrent.shared.emit('torrent-complete', { id: torrent.id, directory: torrent.directory });
}

/** Which files matter has changed. */
export function selectFiles(torrent: TorrentState, priorities: readonly number[]): void {
  torrent.filePriorities = priorities;
  const { content } = torrent;
  if (content === undefined) return;
  applyFilePriorities(torrent, content);
  for (const partial of torrent.partials.values()) {
    if (partial.state === 'collecting' && !content.picker.isWanted(partial.piece))
      dropPartial(torrent, content, partial);
  }
  for (const peer of torrent.peers.values()) refreshInterest(torrent, peer);
  torrent.completeTold = false;
  if (!torrent.paused) settle(torrent, content);
}

/** Hashes everything on disk again; the network waits meanwhile. */
export async function verify(torrent: TorrentState, content: TorrentContent): Promise<void> {
  leaveNetwork(torrent, 'checking');
  torrent.shared.cache.forget(torrent.id);
  enterPhase(torrent, 'checking');
  try {
    await content.store.verify({
      onProgress: ({ piecesChecked, piecesTotal }) => {
        torrent.receive({ type: 'check-progress', checked: piecesChecked, total: piecesTotal });
      },
    });
  } finally {
    torrent.receive({ type: 'check-ended' });
  }
}

/** What was checked is what counts. */
export function onCheckEnded(torrent: TorrentState): void {
  const { content } = torrent;
  if (content === undefined) return;
  torrent.checkProgress = undefined;
  torrent.completeTold = false;
  const renewed = makeContent(torrent, content.info, content.store);
  for (const piece of torrent.partials.keys()) renewed.picker.start(piece);
  // Connections that are about to end still count until they have ended.
  for (const peer of torrent.peers.values()) renewed.picker.addPeer(peer.pieces);
  torrent.content = renewed;
  becomeActive(torrent);
}

/** Somebody deleted or changed files under us: what they held is wanted again, and nobody is told that we have it. */
export function onContentLost(torrent: TorrentState, error: StoreError): void {
  const { content } = torrent;
  if (content === undefined) return;
  torrent.shared.emit('trouble', { id: torrent.id, error: { code: error.code, message: error.message } });
  torrent.shared.cache.forget(torrent.id);
  for (let piece = 0; piece < content.geometry.pieceCount; piece += 1) {
    if (content.store.has(piece) || !content.picker.isHad(piece)) continue;
    content.picker.lose(piece);
    for (const peer of torrent.peers.values()) peer.connection.protocol.dontHave(piece);
  }
  torrent.completeTold = false;
  for (const peer of torrent.peers.values()) refreshInterest(torrent, peer);
  if (!torrent.paused) settle(torrent, content);
}

/** Ends every connection and takes back what was lent for them. */
function leaveNetwork(torrent: TorrentState, reason: string): void {
  for (const connection of torrent.waitingConnections.keys()) connection.close(reason);
  for (const peer of torrent.peers.values()) peer.connection.close(reason);
  const { content } = torrent;
  if (content === undefined) return;
  for (const partial of torrent.partials.values()) {
    if (partial.state === 'collecting') dropPartial(torrent, content, partial);
  }
}

function becomeActive(torrent: TorrentState): void {
  const { content } = torrent;
  if (content === undefined) return;
  if (torrent.paused) {
    enterPhase(torrent, 'paused');
    return;
  }
  torrent.trackers.start();
  settle(torrent, content);
}

/** Complete, or with work to do. */
function settle(torrent: TorrentState, content: TorrentContent): void {
  if (!hasAllWanted(torrent)) {
    if (torrent.order.mode === 'seed') failIncomplete(torrent, content);
    else {
      // Peers that were left because we had everything, or were off the network, are wanted now.
      torrent.peerList.forgiveSeeds();
      enterPhase(torrent, 'downloading');
    }
  } else if (content.store.published) onBecomeComplete(torrent);
  else publishWhenComplete(torrent);
}

/** What a seed is whose payload is not whole. */
const INCOMPLETE = 'payload-incomplete';

function failIncomplete(torrent: TorrentState, { store, geometry }: TorrentContent): void {
  if (torrent.error?.code === INCOMPLETE) return;
  const message =
    `${store.verifiedCount} of ${geometry.pieceCount} pieces of ${torrent.name} are right in ${torrent.directory}; ` +
    'fetch the rest with mode "adopt", or seed from where the payload is complete';
  torrent.error = { code: INCOMPLETE, message };
  torrent.shared.emit('trouble', { id: torrent.id, error: torrent.error });
  void torrent.trackers.stop();
  enterPhase(torrent, 'failed');
}

/** The hash is right, so what is wrong with it was wrong from the start: no peer is to blame. */
function readInfo(torrent: TorrentState, infoBytes: Uint8Array): Info | undefined {
  try {
    return parseInfo(infoBytes);
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    torrent.error = {
      code: error.code,
      message: `the metadata of this magnet cannot be used: ${error.message}`,
    };
    torrent.shared.emit('trouble', { id: torrent.id, error: torrent.error });
    leaveNetwork(torrent, 'unusable metadata');
    enterPhase(torrent, 'failed');
    return undefined;
  }
}

/** Moves the payload; uploads wait until reading goes on from the new place. */
export async function move(torrent: TorrentState, content: TorrentContent, directory: string): Promise<void> {
  leaveNetwork(torrent, 'moving');
  torrent.shared.cache.forget(torrent.id);
  try {
    await content.store.move(directory);
    torrent.directory = directory;
  } catch (error) {
    throw asStoreError(error);
  }
}

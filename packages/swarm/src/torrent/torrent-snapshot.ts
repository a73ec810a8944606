import { pieceSize } from '@brine/wire';

import type { Peer } from '../peers/peer.ts';
import type { PeerClass } from '../sites/peer-class.ts';
import type {
  CountsByClass,
  FileSnapshot,
  PeerSnapshot,
  TorrentSnapshot,
  TorrentSummary,
} from '../snapshot.ts';
import { nameOf } from './extended-peer.ts';
import { statusOf } from './site/announcements.ts';
import type { TorrentContent, TorrentState, TransferMeter } from './torrent-state.ts';
import { hasAllWanted } from './torrent-state.ts';

/** The torrent at this instant, frozen; made on request, so it costs nothing while nobody looks. */
export function snapshotOf(torrent: TorrentState): TorrentSnapshot {
  const nowMs = torrent.shared.clock.nowMs();
  return Object.freeze({
    ...summaryOf(torrent),
    files: describeFiles(torrent),
    peers: [...torrent.peers.values()].map((peer) => describePeer(torrent, peer, nowMs)),
    trackers: torrent.trackers.snapshot(),
  });
}

/** The same without what may be long. */
export function summaryOf(torrent: TorrentState): TorrentSummary {
  const nowMs = torrent.shared.clock.nowMs();
  const { info, content, meter } = torrent;
  const { bytesDone, bytesTotal } = countWanted(torrent);
  const rates = countsOf(meter, nowMs);
  const missing = bytesTotal - bytesDone;
  const moving = torrent.phase === 'downloading' && rates.downBytesPerSecond > 0;
  return Object.freeze({
    ...rates,
    byClass: countsByClass(torrent.classMeters, nowMs),
    site: {
      members: content?.site?.claims.memberCount ?? 0,
      fetching: statusOf(torrent).fetching,
      claims: content?.site?.claims.own.size ?? 0,
    },
    id: torrent.id,
    name: torrent.name,
    phase: torrent.phase,
    error: torrent.error,
    directory: torrent.directory,
    pieceCount: info?.pieceCount ?? 0,
    piecesVerified: content?.store.verifiedCount ?? 0,
    pieceLength: info?.pieceLength ?? 0,
    bytesTotal,
    bytesDone,
    checkProgress: torrent.checkProgress,
    complete: hasAllWanted(torrent) && content?.store.published === true,
    private: info?.private ?? false,
    sequential: torrent.sequential,
    peerCount: torrent.peers.size,
    ...countMoving(torrent, nowMs),
    etaSeconds: moving ? Math.ceil(missing / rates.downBytesPerSecond) : undefined,
  });
}

function countMoving(
  { peers }: TorrentState,
  nowMs: number,
): Pick<TorrentSummary, 'peersSending' | 'peersReceiving'> {
  let peersSending = 0;
  let peersReceiving = 0;
  for (const { downRate, upRate } of peers.values()) {
    if (downRate.bytesPerSecond(nowMs) >= 1) peersSending += 1;
    if (upRate.bytesPerSecond(nowMs) >= 1) peersReceiving += 1;
  }
  return { peersSending, peersReceiving };
}

/** Totals and rates of a torrent or of the engine. */
export function countsOf(
  meter: TransferMeter,
  nowMs: number,
): Pick<
  TorrentSnapshot,
  'downloadedBytes' | 'uploadedBytes' | 'wastedBytes' | 'downBytesPerSecond' | 'upBytesPerSecond'
> {
  return {
    downloadedBytes: meter.downloadedBytes,
    uploadedBytes: meter.uploadedBytes,
    wastedBytes: meter.wastedBytes,
    downBytesPerSecond: Math.round(meter.downRate.bytesPerSecond(nowMs)),
    upBytesPerSecond: Math.round(meter.upRate.bytesPerSecond(nowMs)),
  };
}

export function countsByClass(
  meters: Readonly<Record<PeerClass, TransferMeter>>,
  nowMs: number,
): CountsByClass {
  return {
    site: countsOf(meters.site, nowMs),
    near: countsOf(meters.near, nowMs),
    wan: countsOf(meters.wan, nowMs),
  };
}

/** Verified bytes of each of the snapshot's files. */
export function verifiedFileBytes({ info, content }: TorrentState): number[] {
  const files = info?.files.filter(({ padding }) => !padding) ?? [];
  return files.map((file) => (content === undefined ? 0 : verifiedBytes(content, file)));
}

function describeFiles({ info, filePriorities }: TorrentState): FileSnapshot[] {
  if (info === undefined) return [];
  return info.files
    .map(({ path, length, padding }, index) => ({
      path,
      length,
      padding,
      priority: filePriorities?.[index] ?? 1,
    }))
    .filter(({ padding }) => !padding)
    .map(({ path, length, priority }) => ({ path, length, priority }));
}

function describePeer(torrent: TorrentState, peer: Peer, nowMs: number): PeerSnapshot {
  const pieceCount = torrent.content?.geometry.pieceCount ?? 0;
  return {
    address: peer.address,
    client: nameOf(peer),
    class: peer.place.class,
    siteLabel: peer.place.label,
    outgoing: peer.connection.outgoing,
    progress: pieceCount === 0 ? 0 : peer.pieces.count / pieceCount,
    downBytesPerSecond: Math.round(peer.downRate.bytesPerSecond(nowMs)),
    upBytesPerSecond: Math.round(peer.upRate.bytesPerSecond(nowMs)),
    downloadedBytes: peer.downloadedBytes,
    uploadedBytes: peer.uploadedBytes,
    amInterested: peer.amInterested,
    amChoking: peer.amChoking,
    peerInterested: peer.peerInterested,
    peerChoking: peer.peerChoking,
    snubbed: peer.depth.snubbed,
    requestsOutstanding: peer.requests.size,
  };
}

/** Bytes of the wanted files, all and verified. */
function countWanted({ info, content, filePriorities }: TorrentState): {
  bytesDone: number;
  bytesTotal: number;
} {
  if (info === undefined) return { bytesDone: 0, bytesTotal: 0 };
  if (content === undefined) return { bytesDone: 0, bytesTotal: info.totalLength };
  const { geometry, store } = content;
  if (filePriorities === undefined) {
    const last = geometry.pieceCount - 1;
    const short = last >= 0 && store.has(last) ? geometry.pieceLength - pieceSize(geometry, last) : 0;
    return { bytesDone: store.verifiedCount * geometry.pieceLength - short, bytesTotal: info.totalLength };
  }
  let bytesDone = 0;
  let bytesTotal = 0;
  info.files.forEach(({ offset, length, padding }, file) => {
    if (padding || filePriorities[file] === 0) return;
    bytesTotal += length;
    bytesDone += verifiedBytes(content, { offset, length });
  });
  return { bytesDone, bytesTotal };
}

/** Verified bytes of a stretch of the payload. */
function verifiedBytes(
  { geometry: { pieceLength }, store }: TorrentContent,
  { offset, length }: { readonly offset: number; readonly length: number },
): number {
  let bytes = 0;
  for (let at = offset; at < offset + length;) {
    const piece = Math.floor(at / pieceLength);
    const end = Math.min(offset + length, (piece + 1) * pieceLength);
    if (store.has(piece)) bytes += end - at;
    at = end;
  }
  return bytes;
}

import { basename, dirname } from 'node:path';

import type { PayloadDetails, PayloadStatus, Traffic } from '../payload-service.ts';
import { fileStatsOf, filesOf, peerOf, trackerOf, trackerStatOf } from './torrent-parts.ts';
import { speedLimitOf } from './speed-limits.ts';
import type { Torrent } from './torrent-table.ts';

/** What fields are made of. */
export interface FieldSource extends Torrent {
  /** Asked for only by fields that need it. */
  readonly details: PayloadDetails;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly peersMax: number;
}

/*
 * `status` and `error`, as rpc-spec.md numbers them. Nothing is ever queued here; what waits for its disk comes nearest to it, because
 * it goes on by itself.
 */
const STATUS: Readonly<Record<PayloadStatus['phase'], number>> = {
  paused: 0,
  failed: 0,
  opening: 1,
  checking: 2,
  waiting: 3,
  resolving: 4,
  downloading: 4,
  seeding: 6,
};
const LOCAL_ERROR = 3;

/** By Transmission's name for it; rpc-spec.md, 3.3. What nobody here knows is not among them, or says so by 0 or -1. */
export const TORRENT_FIELDS: Readonly<Record<string, (torrent: FieldSource) => unknown>> = {
  id: ({ id }) => id,
  hashString: ({ status }) => status.infohash,
  name: ({ status }) => placeOf(status).name,
  downloadDir: ({ status }) => placeOf(status).directory,
  status: ({ status }) => STATUS[status.phase],
  error: ({ status }) => (status.error === undefined ? 0 : LOCAL_ERROR),
  errorString: ({ status: { error } }) => (error === undefined ? '' : `${error.message} ${error.wayOut}`),
  isFinished: () => false,
  isStalled: () => false,
  isPrivate: ({ details }) => details.private,
  queuePosition: ({ position }) => position,
  labels: () => [],
  group: () => '',
  bandwidthPriority: () => 0,

  totalSize: ({ status }) => status.bytesTotal,
  sizeWhenDone: ({ status }) => status.bytesTotal,
  leftUntilDone: ({ status }) => leftOf(status),
  haveValid: ({ status }) => status.bytesDone,
  haveUnchecked: () => 0,
  corruptEver: () => 0,
  desiredAvailable: ({ details }) => reachableOf(details),
  percentDone: ({ status }) => doneOf(status),
  percentComplete: ({ status }) => doneOf(status),
  metadataPercentComplete: ({ status }) => (isKnown(status) ? 1 : 0),
  recheckProgress: ({ status }) => (status.checkedPercent ?? 0) / 100,
  eta: ({ status }) => etaOf(status),
  etaIdle: () => -1,

  rateDownload: ({ status }) => Math.round(status.downBytesPerSecond),
  rateUpload: ({ status }) => Math.round(status.upBytesPerSecond),
  downloadedEver: ({ status }) => sum(status.traffic, 'downloadedBytes'),
  uploadedEver: ({ status }) => sum(status.traffic, 'uploadedBytes'),
  uploadRatio: ({ status }) => ratioOf(status),
  peersConnected: ({ status }) => status.peers,
  peersSendingToUs: ({ status }) => status.peersSending,
  peersGettingFromUs: ({ status }) => status.peersReceiving,
  webseedsSendingToUs: () => 0,
  webseeds: () => [],

  addedDate: ({ status }) => Math.floor(Date.parse(status.orderedAt) / 1_000),
  activityDate: ({ activityDate }) => activityDate,
  doneDate: ({ doneDate }) => doneDate,
  startDate: () => 0,
  editDate: () => 0,
  dateCreated: () => 0,
  secondsDownloading: () => 0,
  secondsSeeding: () => 0,
  comment: () => '',
  creator: () => '',
  torrentFile: () => '',
  magnetLink: ({ status, details }) => magnetOf(status, details),

  downloadLimited: ({ status, nowMs }) => speedLimitOf(status.limits.downBytesPerSecond, nowMs).enabled,
  downloadLimit: ({ status, nowMs }) =>
    speedLimitOf(status.limits.downBytesPerSecond, nowMs).kilobytesPerSecond,
  uploadLimited: ({ status, nowMs }) => speedLimitOf(status.limits.upBytesPerSecond, nowMs).enabled,
  uploadLimit: ({ status, nowMs }) => speedLimitOf(status.limits.upBytesPerSecond, nowMs).kilobytesPerSecond,
  honorsSessionLimits: () => true,
  seedRatioMode: () => UNLIMITED,
  seedRatioLimit: () => 0,
  seedIdleMode: () => UNLIMITED,
  seedIdleLimit: () => 0,
  'peer-limit': ({ peersMax }) => peersMax,
  maxConnectedPeers: ({ peersMax }) => peersMax,
  manualAnnounceTime: () => -1,

  'file-count': ({ details }) => details.fileCount,
  files: ({ status, details }) => filesOf(details, placeOf(status).name),
  fileStats: ({ details }) => fileStatsOf(details),
  priorities: ({ details }) => details.files.map(() => 0),
  wanted: ({ details }) => details.files.map(() => 1),
  pieceCount: ({ details }) => details.pieces.count,
  pieceSize: ({ details }) => details.pieces.bytes,
  pieces: ({ details }) => details.pieces.map ?? '',
  peers: ({ details }) => details.connections.map(peerOf),
  peersFrom: ({ details }) => originsOf(details),
  trackers: ({ details }) => details.trackers.map(trackerOf),
  trackerStats: ({ details, nowMs }) => details.trackers.map((each, at) => trackerStatOf(each, at, nowMs)),
  trackerList: ({ details }) => details.trackers.map(({ url }) => url).join('\n'),
};

/** Where the payload's file or folder stands, as `downloadDir` and `name` say it together. */
export function placeOf(status: PayloadStatus): { readonly directory: string; readonly name: string } {
  const { path, name } = status;
  return isKnown(status) ? { directory: dirname(path), name: basename(path) } : { directory: path, name };
}

/** Its metadata is here. */
function isKnown({ bytesTotal }: PayloadStatus): boolean {
  return bytesTotal > 0;
}

/** Clients take what has nothing left for ready to be used, so it is not 0 until everything has its final name. */
function leftOf({ complete, bytesTotal, bytesDone }: PayloadStatus): number {
  if (complete || bytesTotal === 0) return 0;
  return Math.max(bytesTotal - bytesDone, 1);
}

function doneOf(status: PayloadStatus): number {
  return status.bytesTotal === 0 ? 0 : (status.bytesTotal - leftOf(status)) / status.bytesTotal;
}

/** -1: there is none, as for what is complete; -2: nobody knows. */
function etaOf({ complete, etaSeconds }: PayloadStatus): number {
  if (complete) return -1;
  return etaSeconds === undefined ? -2 : Math.ceil(etaSeconds);
}

/** -1: nothing was uploaded of nothing. */
function ratioOf({ traffic, bytesDone }: PayloadStatus): number {
  const received = sum(traffic, 'downloadedBytes') || bytesDone;
  return received === 0 ? -1 : sum(traffic, 'uploadedBytes') / received;
}

/** What connected peers surely have of what we lack: whoever has more than we has at least the difference. */
function reachableOf({ connections, bytesTotal, bytesDone }: PayloadDetails): number {
  const most = Math.max(0, ...connections.map(({ percent }) => percent));
  return Math.max(0, Math.floor((bytesTotal * most) / 100) - bytesDone);
}

function originsOf({ connections }: PayloadDetails): Readonly<Record<string, number>> {
  return {
    fromCache: 0,
    fromDht: 0,
    fromIncoming: connections.filter(({ outgoing }) => !outgoing).length,
    fromLpd: 0,
    fromLtep: 0,
    fromPex: 0,
    fromTracker: 0,
  };
}

function magnetOf(status: PayloadStatus, { trackers }: PayloadDetails): string {
  const parts = [
    `xt=urn:btih:${status.infohash}`,
    `dn=${encodeURIComponent(placeOf(status).name)}`,
    ...trackers.map(({ url }) => `tr=${encodeURIComponent(url)}`),
  ];
  return `magnet:?${parts.join('&')}`;
}

function sum(traffic: Traffic, key: 'downloadedBytes' | 'uploadedBytes'): number {
  return traffic.site[key] + traffic.near[key] + traffic.wan[key];
}

/** Seeding ends when somebody says so, not by a ratio or for want of takers. */
const UNLIMITED = 2;

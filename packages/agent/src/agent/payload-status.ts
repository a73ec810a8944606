import { join } from 'node:path';

import type {
  PayloadDetails,
  PayloadStatus,
  PayloadTrouble,
  PeerView,
  TrackerView,
  Traffic,
} from '@brine/control-http';
import type {
  CountsByClass,
  PeerSnapshot,
  TorrentSnapshot,
  TorrentSummary,
  TrackerSnapshot,
  TransferCounts,
  Trouble,
} from '@brine/swarm';

import { formatAddress } from '../address-argument.ts';
import { percentOf } from '../terminal/percent.ts';
import type { PayloadRecord } from './orders/payload-record.ts';
import { wayOutOf } from './ways-out.ts';

/** What the service knows of a payload besides its order. */
export interface Known<Torrent extends TorrentSummary = TorrentSummary> {
  /** Undefined while the engine does not have it: not yet, or not at all. */
  readonly torrent: Torrent | undefined;
  /** Why the engine does not have it. */
  readonly held: Trouble | undefined;
}

/** A payload as it is told. */
export function statusOf(record: PayloadRecord, { torrent, held }: Known): PayloadStatus {
  const { name, infohash, directory, mode, limits, orderedAt, acknowledgedAt } = record;
  const error = held ?? torrent?.error;
  return {
    name,
    infohash,
    path: torrent === undefined || torrent.pieceCount === 0 ? directory : join(directory, torrent.name),
    mode,
    limits,
    orderedAt,
    ...(torrent === undefined ? NOTHING_YET : progressOf(torrent)),
    ...(held === undefined ? {} : { phase: 'failed' }),
    ...(acknowledgedAt === undefined ? {} : { acknowledgedAt }),
    ...(error === undefined ? {} : { error: troubleOf(error) }),
  };
}

/** What only one who looks closely asks the engine for. */
export interface Closer {
  readonly filesMax: number;
  /** Verified bytes of each file. */
  readonly fileBytesDone: readonly number[];
  /** One bit for each piece. */
  readonly map: Uint8Array | undefined;
}

export function detailsOf(
  record: PayloadRecord,
  known: Known<TorrentSnapshot>,
  closer: Closer,
): PayloadDetails {
  const { torrent } = known;
  const { filesMax, fileBytesDone, map } = closer;
  return {
    ...statusOf(record, known),
    files: (torrent?.files ?? []).slice(0, filesMax).map(({ path, length }, at) => ({
      path: path.join('/'),
      bytes: length,
      bytesDone: fileBytesDone[at] ?? 0,
    })),
    fileCount: torrent?.files.length ?? 0,
    private: torrent?.private ?? false,
    pieces: {
      count: torrent?.pieceCount ?? 0,
      verified: torrent?.piecesVerified ?? 0,
      bytes: torrent?.pieceLength ?? 0,
      ...(map === undefined ? {} : { map: Buffer.from(map).toString('base64') }),
    },
    connections: (torrent?.peers ?? []).map(peerOf),
    trackers: (torrent?.trackers ?? []).map(trackerOf),
  };
}

function peerOf(peer: PeerSnapshot): PeerView {
  return {
    address: formatAddress(peer.address),
    client: peer.client,
    class: peer.class,
    ...(peer.siteLabel === undefined ? {} : { site: peer.siteLabel }),
    percent: peer.progress === 1 ? 100 : percentOf(peer.progress, 1),
    downBytesPerSecond: peer.downBytesPerSecond,
    upBytesPerSecond: peer.upBytesPerSecond,
    downloadedBytes: peer.downloadedBytes,
    uploadedBytes: peer.uploadedBytes,
    outgoing: peer.outgoing,
    amInterested: peer.amInterested,
    amChoking: peer.amChoking,
    peerInterested: peer.peerInterested,
    peerChoking: peer.peerChoking,
  };
}

function trackerOf(tracker: TrackerSnapshot): TrackerView {
  const { url, tier, status, seeders, leechers, peersFound, heardMsAgo, nextAnnounceMs, error } = tracker;
  return {
    url,
    tier,
    status,
    ...(seeders === undefined ? {} : { seeders }),
    ...(leechers === undefined ? {} : { leechers }),
    ...(peersFound === undefined ? {} : { peersFound }),
    ...(heardMsAgo === undefined ? {} : { heardSecondsAgo: Math.floor(heardMsAgo / 1_000) }),
    ...(nextAnnounceMs === undefined ? {} : { nextAnnounceSeconds: Math.ceil(nextAnnounceMs / 1_000) }),
    ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
  };
}

export function troubleOf({ code, message }: Trouble): PayloadTrouble {
  return { code, message, wayOut: wayOutOf(code) };
}

export function trafficOf({ site, near, wan }: CountsByClass): Traffic {
  return { site: countsOf(site), near: countsOf(near), wan: countsOf(wan) };
}

function countsOf(counts: TransferCounts): Traffic['site'] {
  const { downloadedBytes, uploadedBytes, downBytesPerSecond, upBytesPerSecond } = counts;
  return { downloadedBytes, uploadedBytes, downBytesPerSecond, upBytesPerSecond };
}

function progressOf(
  torrent: TorrentSummary,
): Omit<typeof NOTHING_YET, 'phase'> & Pick<PayloadStatus, 'phase'> {
  const { phase, complete, bytesDone, bytesTotal, checkProgress, etaSeconds } = torrent;
  const exact = complete ? 100 : percentOf(bytesDone, bytesTotal);
  return {
    phase,
    complete,
    // Everything may be verified, but not yet published.
    percent: complete ? 100 : Math.min(exact, 99.99),
    bytesDone,
    bytesTotal,
    downBytesPerSecond: torrent.downBytesPerSecond,
    upBytesPerSecond: torrent.upBytesPerSecond,
    traffic: trafficOf(torrent.byClass),
    peers: torrent.peerCount,
    peersSending: torrent.peersSending,
    peersReceiving: torrent.peersReceiving,
    ...(checkProgress === undefined ? {} : { checkedPercent: percentOf(checkProgress, 1) }),
    ...(etaSeconds === undefined ? {} : { etaSeconds: Math.ceil(etaSeconds) }),
  };
}

const NONE = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };
const NOTHING_YET = {
  phase: 'opening' as const,
  complete: false,
  percent: 0,
  bytesDone: 0,
  bytesTotal: 0,
  downBytesPerSecond: 0,
  upBytesPerSecond: 0,
  traffic: { site: NONE, near: NONE, wan: NONE } as Traffic,
  peers: 0,
  peersSending: 0,
  peersReceiving: 0,
};

import type { InfoHashes, Info } from '@brine/wire';

import { MetadataServing } from '../discovery/metadata-serving.ts';
import { PexOutbox } from '../discovery/pex.ts';
import { Trackers } from '../discovery/trackers.ts';
import type { EngineShared } from '../engine-shared.ts';
import type { AddTorrent } from '../options.ts';
import { PeerList } from '../peers/peer-list.ts';
import { BlameLedger } from '../policy/blame.ts';
import { RateMeter } from '../policy/rate-meter.ts';
import type { PeerClass } from '../sites/peer-class.ts';
import { createAnnouncing } from './announce-piece.ts';
import type { TorrentInput } from './torrent-input.ts';
import type { TorrentState, TransferMeter } from './torrent-state.ts';

/** What a torrent is made of when it is added. */
export interface TorrentParts {
  readonly id: string;
  readonly infoHashes: InfoHashes & { readonly v1: Uint8Array };
  readonly name: string;
  readonly order: AddTorrent;
  readonly shared: EngineShared;
  /** Both absent for a magnet. */
  readonly info: Info | undefined;
  readonly infoBytes: Uint8Array | undefined;
  readonly trackerTiers: readonly (readonly string[])[];
}

/** A torrent that has not started; nothing lives yet. */
export function createTorrentState(
  parts: TorrentParts,
  receive: (input: TorrentInput) => void,
): TorrentState {
  const { id, infoHashes, name, order, shared, info, infoBytes } = parts;
  const nowMs = shared.clock.nowMs();
  const meter = createMeter();
  const peerList = new PeerList({
    random: () => shared.random.next(),
    classOf: (ip) => shared.neighbourhood.placeOf(ip, shared.clock.nowMs()).class,
  });
  peerList.add(order.peers ?? [], 'static');
  const state: TorrentState = {
    id,
    infoHash: infoHashes.v1,
    infoHashes,
    shared,
    order,
    name,
    directory: order.directory,
    phase: 'paused',
    paused: true,
    error: undefined,
    checkProgress: undefined,
    info,
    infoBytes,
    metadataDownload: undefined,
    metadataServing: new MetadataServing(infoBytes),
    opening: undefined,
    content: undefined,
    filePriorities: order.filePriorities,
    openedWith: undefined,
    sequential: order.sequential ?? false,
    partials: new Map(),
    retries: [],
    retryCancel: undefined,
    retryDelayMs: 0,
    publishing: false,
    completeTold: false,
    starved: new Set(),
    endgameArmed: false,
    peers: new Map(),
    waitingConnections: new Map(),
    peerList,
    trackers: createTrackers(parts, meter, () => leftOf(state), receive),
    blame: new BlameLedger(),
    pexOutbox: new PexOutbox({ private: info?.private ?? false }),
    placesVersion: shared.neighbourhood.version(nowMs),
    nextRechokeMs: nowMs,
    seedingOrder: undefined,
    superSeeding: undefined,
    announcing: createAnnouncing(),
    limiters: shared.limiters.addTorrent(order.limits),
    meter,
    classMeters: createClassMeters(),
    receive,
  };
  return state;
}

export function createClassMeters(): Readonly<Record<PeerClass, TransferMeter>> {
  return { site: createMeter(), near: createMeter(), wan: createMeter() };
}

export function createMeter(): TransferMeter {
  return {
    downloadedBytes: 0,
    uploadedBytes: 0,
    wastedBytes: 0,
    downRate: new RateMeter(),
    upRate: new RateMeter(),
  };
}

function createTrackers(
  { id, shared, infoHashes, trackerTiers, order }: TorrentParts,
  meter: TransferMeter,
  left: () => number,
  receive: (input: TorrentInput) => void,
): Trackers {
  return new Trackers({
    clock: shared.clock,
    random: shared.random,
    http: shared.http,
    udp: shared.udpTrackers,
    infoHash: infoHashes.v1,
    peerId: shared.peerId,
    port: () => shared.listenPort() ?? 0,
    tiers: trackerTiers,
    trustedTiers: order.trackers ?? [],
    counts: () => ({ uploaded: meter.uploadedBytes, downloaded: meter.downloadedBytes, left: left() }),
    sink: {
      peersFound: (addresses, source) => {
        receive({ type: 'peers-found', addresses, source });
      },
      answered: (url, { peers }) => {
        shared.emit('tracker-answered', { id, url, peers });
      },
      failed: (url, error) => {
        shared.emit('tracker-failed', { id, url, error });
      },
    },
  });
}

/** Bytes still to come, as trackers want to know; before the metadata is known, something above zero. */
function leftOf({ content, info }: TorrentState): number {
  if (info === undefined) return 1;
  if (content === undefined) return info.totalLength;
  return Math.max(0, info.totalLength - content.store.verifiedCount * info.pieceLength);
}

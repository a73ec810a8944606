import type { PayloadDetails, PeerView, TrackerView } from '../payload-service.ts';

/** Values of `files`: paths begin with the torrent's own name, as if they were looked at from `downloadDir`. */
export function filesOf({ files, path }: PayloadDetails, name: string): readonly object[] {
  // A payload of one file is that file.
  const isFile =
    files.length === 1 && (path.endsWith(`/${files[0]!.path}`) || path.endsWith(`\\${files[0]!.path}`));
  return files.map((file) => ({
    name: isFile ? name : `${name}/${file.path}`,
    length: file.bytes,
    bytesCompleted: file.bytesDone,
  }));
}

/** Values of `fileStats`. */
export function fileStatsOf({ files }: PayloadDetails): readonly object[] {
  return files.map(({ bytesDone }) => ({ bytesCompleted: bytesDone, wanted: true, priority: 0 }));
}

/** One of `peers`. */
export function peerOf(peer: PeerView): object {
  const at = peer.address.lastIndexOf(':');
  return {
    address: peer.address.slice(0, at).replaceAll(/[[\]]/g, ''),
    port: Number(peer.address.slice(at + 1)),
    clientName: peer.client,
    clientIsChoked: peer.peerChoking,
    clientIsInterested: peer.amInterested,
    peerIsChoked: peer.amChoking,
    peerIsInterested: peer.peerInterested,
    isDownloadingFrom: isDownloadingFrom(peer),
    isUploadingTo: isUploadingTo(peer),
    isEncrypted: false,
    isIncoming: !peer.outgoing,
    isUTP: false,
    flagStr: flagsOf(peer),
    progress: peer.percent / 100,
    rateToClient: Math.round(peer.downBytesPerSecond),
    rateToPeer: Math.round(peer.upBytesPerSecond),
  };
}

/** As Transmission's clients show them: large letters for what flows, small ones for what would if the other end unchoked. */
function flagsOf(peer: PeerView): string {
  return [
    isDownloadingFrom(peer) ? 'D' : peer.amInterested ? 'd' : '',
    isUploadingTo(peer) ? 'U' : peer.peerInterested ? 'u' : '',
    !peer.peerChoking && !peer.amInterested ? 'K' : '',
    !peer.amChoking && !peer.peerInterested ? '?' : '',
    peer.outgoing ? '' : 'I',
  ].join('');
}

function isDownloadingFrom({ amInterested, peerChoking }: PeerView): boolean {
  return amInterested && !peerChoking;
}

function isUploadingTo({ peerInterested, amChoking }: PeerView): boolean {
  return peerInterested && !amChoking;
}

/** One of `trackers`. */
export function trackerOf({ url, tier }: TrackerView, id: number): object {
  return { id, announce: url, scrape: '', sitename: siteOf(url), tier };
}

/** One of `trackerStats`; nothing is scraped here: announces tell the same. */
export function trackerStatOf(tracker: TrackerView, id: number, nowMs: number): object {
  const { url, tier, status, error, heardSecondsAgo, nextAnnounceSeconds } = tracker;
  const now = Math.floor(nowMs / 1_000);
  const heard = heardSecondsAgo === undefined ? 0 : now - heardSecondsAgo;
  return {
    id,
    announce: url,
    scrape: '',
    host: hostOf(url),
    sitename: siteOf(url),
    tier,
    isBackup: false,
    announceState: status === 'announcing' ? ACTIVE : nextAnnounceSeconds === undefined ? INACTIVE : WAITING,
    hasAnnounced: heardSecondsAgo !== undefined,
    lastAnnounceTime: heard,
    lastAnnounceStartTime: heard,
    lastAnnounceSucceeded: heardSecondsAgo !== undefined && error === undefined,
    lastAnnounceTimedOut: false,
    lastAnnounceResult: error?.message ?? (heardSecondsAgo === undefined ? '' : 'Success'),
    lastAnnouncePeerCount: tracker.peersFound ?? 0,
    nextAnnounceTime: nextAnnounceSeconds === undefined ? 0 : now + nextAnnounceSeconds,
    seederCount: tracker.seeders ?? -1,
    leecherCount: tracker.leechers ?? -1,
    downloadCount: -1,
    scrapeState: INACTIVE,
    hasScraped: false,
    lastScrapeTime: 0,
    lastScrapeStartTime: 0,
    lastScrapeSucceeded: false,
    lastScrapeTimedOut: false,
    lastScrapeResult: '',
    nextScrapeTime: 0,
  };
}

/** `http://tracker.example:80`. */
function hostOf(url: string): string {
  return /^[^:]+:\/\/[^/?#]*/.exec(url)?.[0] ?? url;
}

/** The host's name without what stands before its domain: a short name to show. */
function siteOf(url: string): string {
  const host = /^[^:]+:\/\/(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)/.exec(url)?.[1] ?? '';
  if (/^[\d.]+$/.test(host) || host.startsWith('[')) return host;
  return host.split('.').at(-2) ?? host;
}

const INACTIVE = 0;
const WAITING = 1;
const ACTIVE = 3;

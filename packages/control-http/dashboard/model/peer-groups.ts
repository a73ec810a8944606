import type { PeerView } from '@brine/control-http/client';

/** Peers of one site, as far as anybody knows where they are. */
export interface PeerGroup {
  readonly class: PeerView['class'];
  /** The site's label; undefined: not known. */
  readonly site: string | undefined;
  readonly peers: readonly PeerView[];
  readonly downBytesPerSecond: number;
  readonly upBytesPerSecond: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
}

const CLASSES: readonly PeerView['class'][] = ['site', 'near', 'wan'];

/** The own site first, then near ones, then the rest; within these by label, the unknown last. Busy peers stand first. */
export function groupPeers(peers: readonly PeerView[]): PeerGroup[] {
  const groups = new Map<string, PeerView[]>();
  for (const peer of peers) {
    const key = `${CLASSES.indexOf(peer.class)} ${peer.site ?? '\u{10ffff}'}`;
    groups.set(key, [...(groups.get(key) ?? []), peer]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => groupOf(members));
}

function groupOf(members: readonly PeerView[]): PeerGroup {
  const [first] = members;
  return {
    class: first!.class,
    site: first!.site,
    peers: [...members].sort((a, b) => traffic(b) - traffic(a) || (a.address < b.address ? -1 : 1)),
    downBytesPerSecond: sum(members, (peer) => peer.downBytesPerSecond),
    upBytesPerSecond: sum(members, (peer) => peer.upBytesPerSecond),
    downloadedBytes: sum(members, (peer) => peer.downloadedBytes),
    uploadedBytes: sum(members, (peer) => peer.uploadedBytes),
  };
}

function traffic({ downloadedBytes, uploadedBytes }: PeerView): number {
  return downloadedBytes + uploadedBytes;
}

function sum(members: readonly PeerView[], read: (peer: PeerView) => number): number {
  return members.reduce((total, peer) => total + read(peer), 0);
}

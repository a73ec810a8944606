import type { PeerAddress } from '../address.ts';
import { WireError } from '../wire-error.ts';

/** What happened to the torrent since the last announce; absent for the regular ones. */
export type AnnounceEvent = 'started' | 'stopped' | 'completed';

/** What a tracker is told, BEP 3 and BEP 15. */
export interface AnnounceRequest {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  /** 20 bytes. */
  readonly peerId: Uint8Array;
  /** Our listening TCP port. */
  readonly port: number;
  /** Bytes sent to peers since `started`. */
  readonly uploaded: number;
  /** Bytes received from peers since `started`. */
  readonly downloaded: number;
  /** Bytes still missing. Trackers take 0 for a seed, so while the size is unknown (magnet) it is at least 1. */
  readonly left: number;
  readonly event?: AnnounceEvent;
  /** An unsigned 32 bit number that stays the same for the session: proves identity when our address changes. */
  readonly key: number;
  /** How many peers are wanted; 0 when stopping. */
  readonly numWant: number;
  /** What the tracker gave us last time, HTTP only. */
  readonly trackerId?: Uint8Array;
  /** Our address in the other family, BEP 7, HTTP only; trackers are free to ignore it. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

/** What a tracker answers. Numbers are bounded, texts are fit to be shown. */
export interface AnnounceResponse {
  /** When to announce again, 1 second to 7 days; half an hour when the tracker does not say. */
  readonly intervalSeconds: number;
  /** Never announce more often than this. */
  readonly minIntervalSeconds?: number;
  /** At most `TRACKER_PEERS_MAX`, IPv4 and IPv6 together. */
  readonly peers: readonly PeerAddress[];
  readonly seeders?: number;
  readonly leechers?: number;
  /** To be sent with the next announce. */
  readonly trackerId?: Uint8Array;
  readonly warning?: string;
  /** Our address as the tracker sees it, BEP 24. */
  readonly externalIp?: string;
}

/** One torrent in the answer to a scrape, BEP 48. */
export interface ScrapeEntry {
  /** 20 bytes. */
  readonly infoHash: Uint8Array;
  readonly seeders: number;
  readonly leechers: number;
  /** How often the torrent was downloaded to the end. */
  readonly completed: number;
}

/** Most peers read from one answer. Trackers give 50 to 200. */
export const TRACKER_PEERS_MAX: number = 1000;

/** How long a failure's text may be, UTF-16 units. */
export const FAILURE_LENGTH_MAX: number = 256;

/** Longest interval that is believed; a longer one is read as this. */
const INTERVAL_SECONDS_MAX = 7 * 24 * 3600;

/** The tracker understood and refuses; `code` is `tracker-failure`, `message` the tracker's own words. */
export class TrackerFailure extends WireError {
  /** BEP 31: when asking again may help; `Infinity` for never. Absent when the tracker does not say. */
  readonly retryInSeconds?: number;

  constructor(message: string, retryInSeconds?: number) {
    super('tracker-failure', message === '' ? 'the tracker gives no reason' : message);
    if (retryInSeconds !== undefined) this.retryInSeconds = retryInSeconds;
  }
}

/** An interval within its bounds. */
export function boundedInterval(seconds: number): number {
  return Math.min(Math.max(seconds, 1), INTERVAL_SECONDS_MAX);
}

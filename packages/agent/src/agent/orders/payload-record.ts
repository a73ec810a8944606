import type { PayloadMode } from '@brine/control-http';
import type { RateLimits } from '@brine/swarm';

/** An order as it is kept: checked, its content found. */
export interface PayloadRecord {
  readonly name: string;
  /** Hex of the v1 info-hash, lower case. */
  readonly infohash: string;
  /** For content that was ordered without its metadata; what peers sent is kept as a torrent file. */
  readonly magnet?: string;
  /** The directory as it was ordered. */
  readonly path: string;
  /** The same without symbolic links. */
  readonly directory: string;
  readonly mode: PayloadMode;
  readonly peers: readonly string[];
  readonly trackers: readonly string[];
  readonly limits: RateLimits;
  readonly paused: boolean;
  /** ISO 8601. */
  readonly orderedAt: string;
  /** When somebody took note that it is complete, ISO 8601. */
  readonly acknowledgedAt?: string;
}

/** Something that has to go: forgotten by name, but not yet gone from the disk. */
export interface Removal extends Pick<PayloadRecord, 'infohash' | 'directory' | 'mode'> {
  /** What is complete is deleted too, if it was created by us. */
  readonly data: boolean;
}

import type { PeerAddress } from '@brine/wire';

import type { PeerClass } from '../sites/peer-class.ts';
import type { RateSchedule } from './schedule.ts';

/** Bytes per second, 0 means stop; or a rate that follows the clock on the wall. */
export type Rate = number | RateSchedule;

/** How much may pass in each direction; absent means unlimited. */
export interface RateLimits {
  readonly downBytesPerSecond?: Rate;
  readonly upBytesPerSecond?: Rate;
}

/** What a class limit may be set for: a class, or `outside`, which is `near` and `wan` together: everything that leaves the site. */
export type LimitedClass = PeerClass | 'outside';

/** Limits of classes over all torrents; each may be absent. */
export type ClassLimits = Partial<Readonly<Record<LimitedClass, RateLimits>>>;

/**
 * What limits are set for: a torrent (its id), a class over all torrents, or a peer of a torrent as long as it stays connected.
 * Absent: the whole engine.
 */
export type LimitScope =
  string | { readonly class: LimitedClass } | { readonly torrent: string; readonly peer?: PeerAddress };

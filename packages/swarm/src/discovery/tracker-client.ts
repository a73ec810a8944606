import type { AnnounceRequest, AnnounceResponse } from '@brine/wire';

import type { Trouble } from '../snapshot.ts';

/** What came of asking one tracker over one address family. */
export type AnnounceOutcome =
  | { readonly type: 'answered'; readonly response: AnnounceResponse }
  | {
      readonly type: 'failed';
      readonly trouble: Trouble;
      /** When the tracker wants to be asked again, BEP 31; Infinity for never. Absent when it did not say. */
      readonly retryInMs?: number;
    }
  /** The tracker has no address of this family, or we have not: no failure as long as the other family works. */
  | { readonly type: 'absent'; readonly trouble: Trouble };

/** One tracker, whatever its protocol. */
export interface TrackerClient {
  /**
   * Announces over IPv4 and over IPv6, because a tracker learns only the address that it sees (BEP 7, BEP 15): one promise
   * for each family, none of which rejects. They end early, as failed, when `until` settles.
   */
  announce(request: AnnounceRequest, until: Promise<void>): readonly Promise<AnnounceOutcome>[];
}

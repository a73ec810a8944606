import type { Traffic } from '@brine/control-http/client';

/**
 * What the LAN spared the line. Compared with fetching everything over the line: that is what every machine does for itself that downloads
 * from a server, and nearly what plain BitTorrent does, which takes peers wherever they are, when most of them are at other sites. Payload
 * bytes; messages of the protocol are not counted.
 */
export interface Savings {
  /** Received from machines of the own site: did not cross the line. */
  readonly lanBytes: number;
  /** Received from elsewhere. */
  readonly lineBytes: number;
  /** Of all that was received; undefined while nothing was. */
  readonly percent: number | undefined;
  /** Given to machines of the own site, which then needed it not from elsewhere. */
  readonly givenBytes: number;
}

export function savingsOf({ site, near, wan }: Traffic): Savings {
  const lanBytes = site.downloadedBytes;
  const lineBytes = near.downloadedBytes + wan.downloadedBytes;
  const all = lanBytes + lineBytes;
  return {
    lanBytes,
    lineBytes,
    percent: all === 0 ? undefined : (100 * lanBytes) / all,
    givenBytes: site.uploadedBytes,
  };
}

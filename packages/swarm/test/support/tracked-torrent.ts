import { UdpTrackerClient } from '../../src/discovery/udp-tracker-client.ts';
import { type AnnounceCounts, Trackers } from '../../src/discovery/trackers.ts';
import { HostPolicy, type NameLookup } from '../../src/node/host-policy.ts';
import { NodeDatagrams } from '../../src/node/node-datagrams.ts';
import { NodeHttp } from '../../src/node/node-http.ts';
import { NodeRandom } from '../../src/node/node-random.ts';
import type { Random } from '../../src/ports/random.ts';

import { TrackerRecorder } from './tracker-recorder.ts';
import { VirtualClock } from './virtual-clock.ts';

export interface TrackedTorrentOptions {
  readonly tiers: readonly (readonly string[])[];
  readonly trustedTiers?: readonly (readonly string[])[];
  /** Default true. */
  readonly allowLoopback?: boolean;
  /** Default: the system's. */
  readonly lookup?: NameLookup;
  /** What every draw gives; default just below 1, which leaves every tier in its order and makes every pause its longest. */
  readonly draw?: number;
}

/** The trackers of one torrent on real sockets and virtual time. */
export class TrackedTorrent implements AsyncDisposable {
  readonly clock: VirtualClock = new VirtualClock();
  readonly sink: TrackerRecorder = new TrackerRecorder();
  readonly udp: UdpTrackerClient;
  readonly trackers: Trackers;
  counts: AnnounceCounts = { uploaded: 1, downloaded: 2, left: 3 };

  constructor(options: TrackedTorrentOptions) {
    const { clock, sink } = this;
    const hostPolicy = new HostPolicy({ allowLoopback: options.allowLoopback ?? true });
    const named = { hostPolicy, ...(options.lookup !== undefined && { lookup: options.lookup }) };
    const random = fixedDraw(options.draw ?? 1 - 2 ** -40);
    this.udp = new UdpTrackerClient({ clock, random, datagrams: new NodeDatagrams(named) });
    this.trackers = new Trackers({
      clock,
      random,
      sink,
      http: new NodeHttp({ clock, ...named }),
      udp: this.udp,
      infoHash: new Uint8Array(20).fill(0xab),
      peerId: new Uint8Array(20).fill(0x61),
      port: () => 6881,
      tiers: options.tiers,
      ...(options.trustedTiers !== undefined && { trustedTiers: options.trustedTiers }),
      counts: () => this.counts,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What hangs is not waited for: its three seconds pass at once.
    const stopped = this.trackers.stop();
    this.clock.advance(3_000);
    await stopped;
    await this.udp.close();
  }
}

function fixedDraw(draw: number): Random {
  const random = new NodeRandom();
  return { next: () => draw, bytes: (count) => random.bytes(count) };
}

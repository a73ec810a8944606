import type { AnnounceEvent } from '@brine/wire';

import type { Clock } from '../ports/clock.ts';
import type { Http } from '../ports/http.ts';
import type { Random } from '../ports/random.ts';
import type { TrackerSnapshot } from '../snapshot.ts';

import { HttpTracker } from './http-tracker.ts';
import type { AnnounceOutcome, TrackerClient } from './tracker-client.ts';
import { TrackerRecord } from './tracker-record.ts';
import { type AnnounceCounts, type TierContext, type TrackerSink, TrackerTier } from './tracker-tier.ts';
import { failure } from './tracker-trouble.ts';
import { UdpTracker } from './udp-tracker.ts';
import type { UdpTrackerClient } from './udp-tracker-client.ts';

export type { AnnounceCounts, TrackerAnswer, TrackerSink } from './tracker-tier.ts';

/** Trackers of one torrent; a torrent file that names more is cut. */
export const TRACKERS_MAX = 100;
/** How long `stop` waits for trackers to hear it. */
const STOP_MAX_MS = 3_000;
/** Peers asked for in one announce, as many as a torrent's connections by default. */
const NUM_WANT_DEFAULT = 200;

export interface TrackersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly http: Http;
  /** The engine's, shared by all torrents. */
  readonly udp: UdpTrackerClient;
  readonly sink: TrackerSink;
  readonly infoHash: Uint8Array;
  readonly peerId: Uint8Array;
  /** Our listening port as of now; 0 while we do not listen (trackers want a number all the same). */
  readonly port: () => number;
  /** Tiers of URLs as the torrent names them, BEP 12. */
  readonly tiers: readonly (readonly string[])[];
  /** Tiers that an administrator named: asked beside the torrent's own, and allowed on loopback addresses. Default none. */
  readonly trustedTiers?: readonly (readonly string[])[];
  readonly counts: () => AnnounceCounts;
  /** Peers to ask for. Default `NUM_WANT_DEFAULT`. */
  readonly numWant?: number;
}

/**
 * All trackers of one torrent.
 *
 * Every tier is announced to, and in each tier the first tracker that answers (libtorrent's `announce_to_all_tiers`, what
 * clients that people use do). BEP 12 would leave the later tiers alone while the first works; but whoever lists trackers in
 * several tiers has peers on each of them, and a fleet whose members each see another tracker fail must not fall apart.
 *
 * Each tracker hears `started` once, `completed` once if it knew us as a leecher, `stopped` once if it heard `started`. An event
 * counts as heard when the tracker answered it; until then it is told again. A host with IPv4 and IPv6 addresses is one
 * tracker that hears everything over both, with the same key (BEP 7, BEP 15).
 */
export class Trackers {
  readonly #options: TrackersOptions;
  /** Lets a tracker know us again when our address changes; one for each torrent. */
  readonly #key: number;
  readonly #context: TierContext;
  #tiers: readonly TrackerTier[];
  #running = false;

  /** Shuffles each tier, once (BEP 12). Nothing happens until `start`. */
  constructor(options: TrackersOptions) {
    this.#options = options;
    this.#key = new DataView(options.random.bytes(4).buffer).getUint32(0);
    this.#context = {
      clock: options.clock,
      random: options.random,
      sink: options.sink,
      counts: options.counts,
      announce: (record, event, counts, until) => this.#announce(record, event, counts, until),
    };
    this.#tiers = this.#makeTiers(options.trustedTiers ?? []);
  }

  /** Begins to announce: `started` to every tier at once. May be called again after `stop`. */
  start(): void {
    if (this.#running) return;
    this.#running = true;
    for (const tier of this.#tiers) tier.start();
  }

  /** The download finished: tells those that knew us as a leecher, once, as soon as they are reachable. */
  completed(): void {
    for (const tier of this.#tiers) tier.completed();
  }

  /** Somebody wants more peers: announces as early as each tracker's min interval or back-off allows. */
  announceNow(): void {
    for (const tier of this.#tiers) tier.hasten();
  }

  /** Tells `stopped`. Resolves when every tracker has heard it, or could not, after `STOP_MAX_MS` at the latest. Never rejects. */
  async stop(): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#stopTiers(this.#tiers);
  }

  /**
   * An administrator names other tiers. All that were asked hear `stopped` before those that are now hear `started`, so that one that
   * stays knows us in the end. Resolves then; never rejects.
   */
  async setTrusted(trustedTiers: readonly (readonly string[])[]): Promise<void> {
    const before = this.#tiers;
    this.#tiers = this.#makeTiers(trustedTiers);
    if (!this.#running) return;
    await this.#stopTiers(before);
    if (this.#running) for (const tier of this.#tiers) tier.start();
  }

  async #stopTiers(tiers: readonly TrackerTier[]): Promise<void> {
    let giveUp = (): void => undefined;
    const until = new Promise<void>((resolve) => {
      giveUp = resolve;
    });
    const cancelTimer = this.#options.clock.schedule(STOP_MAX_MS, giveUp);
    await Promise.race([until, Promise.all(tiers.map((tier) => tier.stop(until)))]);
    cancelTimer();
  }

  /** In the order of tiers, and within a tier in the order in which they are asked. */
  snapshot(): readonly TrackerSnapshot[] {
    const nowMs = this.#options.clock.nowMs();
    return this.#tiers.flatMap((tier) => tier.snapshot(nowMs));
  }

  #announce(
    record: TrackerRecord,
    event: AnnounceEvent | undefined,
    counts: AnnounceCounts,
    until: Promise<void>,
  ): readonly Promise<AnnounceOutcome>[] {
    if (record.client === undefined) {
      const trouble = `${record.url.slice(0, 200)} is not an http, https or udp tracker`;
      return [Promise.resolve(failure('tracker-scheme-unsupported', trouble))];
    }
    const request = {
      infoHash: this.#options.infoHash,
      peerId: this.#options.peerId,
      port: this.#options.port(),
      ...counts,
      ...(event !== undefined && { event }),
      key: this.#key,
      numWant: event === 'stopped' ? 0 : (this.#options.numWant ?? NUM_WANT_DEFAULT),
      ...(record.trackerId !== undefined && { trackerId: record.trackerId }),
    };
    return record.client.announce(request, until);
  }

  #makeTiers(trustedTiers: readonly (readonly string[])[]): readonly TrackerTier[] {
    return this.#records(trustedTiers).map((tier) => new TrackerTier(this.#context, tier));
  }

  #records(trustedTiers: readonly (readonly string[])[]): TrackerRecord[][] {
    const seen = new Set<string>();
    const { tiers, random } = this.#options;
    // The administrator's word first: a URL that stands in both is a trusted one.
    const all = [
      ...trustedTiers.map((urls) => ({ urls, trusted: true })),
      ...tiers.map((urls) => ({ urls, trusted: false })),
    ];
    return all
      .map(({ urls, trusted }, tier) =>
        shuffled(urls, random)
          .filter((url) => !seen.has(url) && seen.size < TRACKERS_MAX && seen.add(url))
          .map((url) => new TrackerRecord({ url, tier, client: this.#client(url, trusted) })),
      )
      .filter((tier) => tier.length > 0);
  }

  #client(url: string, trusted: boolean): TrackerClient | undefined {
    const { http, udp } = this.#options;
    const scheme = /^[a-z]+(?=:)/iu.exec(url)?.[0].toLowerCase();
    if (scheme === 'http' || scheme === 'https') return new HttpTracker({ url, http, trusted });
    return scheme === 'udp' ? new UdpTracker({ url, udp, trusted }) : undefined;
  }
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [order[last], order[other]] = [order[other] as T, order[last] as T];
  }
  return order;
}

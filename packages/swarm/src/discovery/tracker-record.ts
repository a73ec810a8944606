import type { AnnounceEvent, AnnounceResponse } from '@brine/wire';

import type { Random } from '../ports/random.ts';
import type { TrackerSnapshot, Trouble } from '../snapshot.ts';

import type { TrackerClient } from './tracker-client.ts';

/** Announce interval when the tracker names none. */
const INTERVAL_DEFAULT_MS = 1_800_000;
/** A tracker that wants to be asked more often than this is asked this often: with a thousand torrents that is plenty. */
const INTERVAL_MIN_MS = 60_000;
/** A tracker that wants to be asked less often than this is asked this often: else a single answer could silence it for ever. */
const INTERVAL_MAX_MS = 7_200_000;
/** Pause after the first failure; doubles with each failure in a row. */
const BACKOFF_MIN_MS = 15_000;
const BACKOFF_MAX_MS = 1_800_000;

/** What one torrent knows about one of its trackers, and when it may and must ask it again. Pure: starts no timers. */
export class TrackerRecord {
  readonly url: string;
  readonly tier: number;
  /** Undefined for a scheme that is not spoken. */
  readonly client: TrackerClient | undefined;
  status: TrackerSnapshot['status'] = 'idle';
  error: Trouble | undefined;
  trackerId: Uint8Array | undefined;
  /** When to announce next; Infinity for never. */
  dueMs: number = -Infinity;
  /** Before this instant it may not be asked without an event. */
  #notBeforeMs = -Infinity;
  #failures = 0;
  #seeders: number | undefined;
  #leechers: number | undefined;
  #heardMs: number | undefined;
  #peersFound: number | undefined;
  #started: 'no' | 'as-leecher' | 'as-seed' = 'no';
  #completed: 'no' | 'owed' | 'told' = 'no';
  /** The download ended while the torrent ran. */
  #finished = false;

  constructor(options: {
    readonly url: string;
    readonly tier: number;
    readonly client: TrackerClient | undefined;
  }) {
    this.url = options.url;
    this.tier = options.tier;
    this.client = options.client;
  }

  /** It answered last time, so the others of its tier are not asked. */
  get healthy(): boolean {
    return this.#failures === 0 && this.#started !== 'no';
  }

  /** It was told `started`, so it must be told `stopped`. */
  get started(): boolean {
    return this.#started !== 'no';
  }

  /** The event that it has to be told next; each is told until it was heard, and then never again. */
  get owedEvent(): AnnounceEvent | undefined {
    if (this.#started === 'no') return 'started';
    return this.#completed === 'owed' ? 'completed' : undefined;
  }

  /** The download finished. Owed only to trackers that know us as a leecher: to the others `started` with nothing left says it all. */
  owesCompleted(): void {
    this.#finished = true;
    this.#considerCompleted();
  }

  /** Somebody wants peers now: as early as the tracker allows. */
  hasten(nowMs: number): void {
    if (this.dueMs !== Infinity) this.dueMs = Math.min(this.dueMs, Math.max(nowMs, this.#notBeforeMs));
  }

  answered(
    response: AnnounceResponse,
    told: { readonly event: AnnounceEvent | undefined; readonly left: number },
    nowMs: number,
    random: Random,
  ): void {
    this.status = 'working';
    this.error = undefined;
    this.#failures = 0;
    this.#seeders = response.seeders ?? this.#seeders;
    this.#leechers = response.leechers ?? this.#leechers;
    this.#heardMs = nowMs;
    this.#peersFound = response.peers.length;
    this.trackerId = response.trackerId ?? this.trackerId;
    if (told.event === 'started') this.#started = told.left > 0 ? 'as-leecher' : 'as-seed';
    if (told.event === 'completed') this.#completed = 'told';
    const minMs = clampMs(response.minIntervalSeconds, INTERVAL_MIN_MS);
    const intervalMs = Math.max(minMs, clampMs(response.intervalSeconds, INTERVAL_DEFAULT_MS));
    this.#notBeforeMs = nowMs + minMs;
    // Up to 5 % later, so that a fleet that was started at once does not announce at once for ever.
    this.dueMs = nowMs + intervalMs * (1 + 0.05 * random.next());
    // The download may have ended while the tracker was being asked.
    this.#considerCompleted();
  }

  /** `retryInMs` as the tracker wants it (BEP 31), Infinity for never. */
  failed(trouble: Trouble, retryInMs: number | undefined, nowMs: number, random: Random): void {
    this.status = 'failing';
    this.error = trouble;
    this.#heardMs = nowMs;
    const backoffMs = Math.min(BACKOFF_MIN_MS * 2 ** this.#failures, BACKOFF_MAX_MS);
    this.#failures += 1;
    // Half of it fixed, half by chance: the clients of a tracker that comes back must not all come back with it.
    const pauseMs =
      retryInMs === undefined ? backoffMs * (0.5 + 0.5 * random.next()) : boundRetryMs(retryInMs);
    this.#notBeforeMs = nowMs + (retryInMs === undefined ? BACKOFF_MIN_MS / 2 : pauseMs);
    this.dueMs = nowMs + pauseMs;
  }

  /** The torrent stopped: everything that a new start has to tell again is forgotten, what is known about the tracker stays. */
  stopped(): void {
    this.#started = 'no';
    this.#completed = 'no';
    this.#finished = false;
    this.#failures = 0;
    this.status = this.error === undefined ? 'idle' : 'failing';
    this.dueMs = -Infinity;
  }

  #considerCompleted(): void {
    if (!this.#finished || this.#started !== 'as-leecher' || this.#completed === 'told') return;
    this.#completed = 'owed';
    if (this.healthy) this.dueMs = -Infinity;
  }

  snapshot(nowMs: number, nextAnnounceMs: number | undefined): TrackerSnapshot {
    return {
      url: this.url,
      tier: this.tier,
      status: this.status,
      error: this.error,
      seeders: this.#seeders,
      leechers: this.#leechers,
      peersFound: this.#peersFound,
      heardMsAgo: this.#heardMs === undefined ? undefined : nowMs - this.#heardMs,
      nextAnnounceMs,
    };
  }
}

function clampMs(seconds: number | undefined, defaultMs: number): number {
  return seconds === undefined
    ? defaultMs
    : Math.min(Math.max(seconds * 1000, INTERVAL_MIN_MS), INTERVAL_MAX_MS);
}

/** A tracker may ask for a long rest, or for ever; but not to be asked without rest. */
function boundRetryMs(retryInMs: number): number {
  return Math.max(retryInMs, BACKOFF_MIN_MS);
}

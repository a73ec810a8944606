import type { AnnounceEvent, PeerAddress } from '@brine/wire';

import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { TrackerSnapshot, Trouble } from '../snapshot.ts';

import type { AnnounceOutcome } from './tracker-client.ts';
import type { TrackerRecord } from './tracker-record.ts';

/** What a torrent has transferred, as trackers count it, in bytes. */
export interface AnnounceCounts {
  readonly uploaded: number;
  readonly downloaded: number;
  /** What is still wanted. Above zero while it is unknown (a magnet): 0 would say that we are a seed. */
  readonly left: number;
}

/** Where trackers' answers go. Called only between `start` and `stop`, never from inside a call of the owner's. */
export interface TrackerSink {
  /** Peers as the tracker told them: not checked, not deduplicated; never empty. */
  peersFound(addresses: readonly PeerAddress[], source: 'tracker'): void;
  answered(url: string, answer: TrackerAnswer): void;
  failed(url: string, trouble: Trouble): void;
}

export interface TrackerAnswer {
  readonly event: AnnounceEvent | undefined;
  /** How many peers came with it. */
  readonly peers: number;
  /** BEP 3 `warning message`, for people. */
  readonly warning: string | undefined;
}

/** What a tier needs of its torrent. */
export interface TierContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly sink: TrackerSink;
  /** Asks one tracker, over one address family or more; never rejects. */
  announce(
    record: TrackerRecord,
    event: AnnounceEvent | undefined,
    counts: AnnounceCounts,
    until: Promise<void>,
  ): readonly Promise<AnnounceOutcome>[];
  counts(): AnnounceCounts;
}

/**
 * One tier of BEP 12: its trackers are asked in order until one answers; that one moves to the front and is the only one asked
 * as long as it answers. Failing trackers rest by their own back-off.
 */
export class TrackerTier {
  readonly #context: TierContext;
  readonly #records: TrackerRecord[];
  #state: TierState = { type: 'stopped' };

  /** `records` in the order in which they are asked at first. */
  constructor(context: TierContext, records: readonly TrackerRecord[]) {
    this.#context = context;
    this.#records = [...records];
  }

  start(): void {
    if (this.#state.type === 'stopped') this.#wait();
  }

  completed(): void {
    for (const record of this.#records) record.owesCompleted();
    this.#replan();
  }

  hasten(): void {
    for (const record of this.#records) record.hasten(this.#context.clock.nowMs());
    this.#replan();
  }

  /**
   * Gives up what is under way and says `stopped` to every tracker that may have heard `started`. Resolves when all have
   * answered or failed, at the latest soon after `until` settles.
   */
  async stop(until: Promise<void>): Promise<void> {
    const state = this.#state;
    if (state.type === 'stopped') return;
    this.#state = { type: 'stopped' };
    if (state.type === 'waiting') state.cancel();
    // A tracker that is just being told `started` may have heard it.
    const asked = state.type === 'announcing' ? state.record : undefined;
    if (state.type === 'announcing') state.cancel();
    const counts = this.#context.counts();
    const farewells = this.#records
      .filter((record) => record.client !== undefined && (record.started || record === asked))
      .flatMap((record) => this.#context.announce(record, 'stopped', counts, until));
    for (const record of this.#records) record.stopped();
    await Promise.all(farewells);
  }

  snapshot(nowMs: number): TrackerSnapshot[] {
    const planned = this.#planned();
    return this.#records.map((record) => {
      const dueMs = planned.includes(record) ? record.dueMs : Infinity;
      const pending = this.#state.type === 'waiting' && dueMs !== Infinity;
      return record.snapshot(nowMs, pending ? Math.max(0, dueMs - nowMs) : undefined);
    });
  }

  /** The trackers that are asked in time: the working one, or all while none works. */
  #planned(): readonly TrackerRecord[] {
    const [front] = this.#records;
    return front?.healthy === true ? [front] : this.#records;
  }

  #replan(): void {
    if (this.#state.type !== 'waiting') return;
    this.#state.cancel();
    this.#wait();
  }

  #wait(): void {
    const nowMs = this.#context.clock.nowMs();
    const dueMs = Math.min(...this.#planned().map((record) => record.dueMs));
    const cancel =
      dueMs === Infinity
        ? () => undefined
        : this.#context.clock.schedule(Math.max(0, dueMs - nowMs), () => void this.#round());
    this.#state = { type: 'waiting', cancel };
  }

  /** Asks the trackers that are due, in order, until one answers. */
  async #round(): Promise<void> {
    for (const record of this.#planned()) {
      if (record.dueMs > this.#context.clock.nowMs()) continue;
      const result = await this.#ask(record);
      if (result === 'stopped') return;
      if (result === 'failed') continue;
      this.#records.splice(this.#records.indexOf(record), 1);
      this.#records.unshift(record);
      break;
    }
    // A front tracker that failed is no longer healthy: its tier-mates that are due get their chance at once.
    this.#wait();
  }

  async #ask(record: TrackerRecord): Promise<'answered' | 'failed' | 'stopped'> {
    const announcing = new Announcing(record);
    this.#state = announcing;
    record.status = 'announcing';
    const counts = this.#context.counts();
    const event = record.owedEvent;
    const outcomes = this.#context.announce(record, event, counts, announcing.cancelled);
    // The second family's answer may come later; its peers are welcome then.
    for (const outcome of outcomes) void outcome.then((late) => this.#welcome(late));
    const outcome = await firstAnswer(outcomes);
    if (this.#state !== announcing) return 'stopped';
    const { clock, random, sink } = this.#context;
    if (outcome.type === 'answered') {
      const { response } = outcome;
      record.answered(response, { event, left: counts.left }, clock.nowMs(), random);
      sink.answered(record.url, { event, peers: response.peers.length, warning: response.warning });
      return 'answered';
    }
    const retryInMs = outcome.type === 'failed' ? outcome.retryInMs : undefined;
    record.failed(outcome.trouble, retryInMs, clock.nowMs(), random);
    sink.failed(record.url, outcome.trouble);
    return 'failed';
  }

  #welcome(outcome: AnnounceOutcome): void {
    if (this.#state.type === 'stopped' || outcome.type !== 'answered') return;
    if (outcome.response.peers.length > 0) this.#context.sink.peersFound(outcome.response.peers, 'tracker');
  }
}

type TierState =
  { readonly type: 'stopped' } | { readonly type: 'waiting'; readonly cancel: () => void } | Announcing;

class Announcing {
  readonly type = 'announcing';
  readonly record: TrackerRecord;
  readonly cancelled: Promise<void>;
  cancel: () => void = () => undefined;

  constructor(record: TrackerRecord) {
    this.record = record;
    this.cancelled = new Promise((resolve) => {
      this.cancel = resolve;
    });
  }
}

/** The first answer; when there is none, a failure rather than an absence. `outcomes` are at least one. */
function firstAnswer(outcomes: readonly Promise<AnnounceOutcome>[]): Promise<AnnounceOutcome> {
  const best = Promise.all(outcomes).then((all) =>
    all.reduce((a, b) => (telling[b.type] > telling[a.type] ? b : a)),
  );
  const answers = outcomes.map(async (pending) => {
    const outcome = await pending;
    return outcome.type === 'answered' ? outcome : best;
  });
  return Promise.race(answers);
}

/** Which of two outcomes says more. */
const telling: Readonly<Record<AnnounceOutcome['type'], number>> = { answered: 2, failed: 1, absent: 0 };

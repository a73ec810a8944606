import type { Clock } from '../ports/clock.ts';
import { EventQueue } from './event-queue.ts';
import type { Occurrence, Scheduled } from './event-queue.ts';
import type { SimPlatform } from './sim-platform.ts';

/** When a run ends: at an instant, or as soon as `until` holds (asked at most once per virtual millisecond), or when nothing is left to happen. */
export interface RunOptions {
  readonly untilMs?: number;
  readonly until?: () => boolean;
}

/**
 * Virtual time. Events run in the order of their instants, equal instants in the order of scheduling.
 *
 * The engine's control paths use promises, its hot paths do not. Continuations therefore run between batches of events: a batch ends
 * where a virtual millisecond ends, after `BATCH_MAX` events, and right after any event that settled a promise of a port
 * (`settled`). All three depend on virtual things only, so the interleaving is the same in every run.
 */
export class SimClock implements Clock {
  readonly #platform: Pick<SimPlatform, 'drained' | 'turn'>;
  readonly #queue = new EventQueue();
  /** What the wall clock shows at virtual time 0: Monday, 5 January 2026, midnight UTC, in every run. Setting it makes the wall clock jump. */
  wallAtZeroMs: number = 1_767_571_200_000;
  /** Wall milliseconds for a virtual one, default 1: a rollout that is simulated in a tenth of its time meets its schedules in time. */
  wallSpeed = 1;
  #nowMs = 0;
  #settled = false;
  #eventsRun = 0;

  constructor(platform: Pick<SimPlatform, 'drained' | 'turn'>) {
    this.#platform = platform;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  epochMs(): number {
    return this.wallAtZeroMs + this.#nowMs * this.wallSpeed;
  }

  /** Events that have happened so far: the simulator's unit of work. */
  get eventsRun(): number {
    return this.#eventsRun;
  }

  get eventsPending(): number {
    return this.#queue.length;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const entry = this.after(delayMs, { happen: task });
    return () => this.cancel(entry);
  }

  /** As `schedule`, without closures: for what happens often. */
  after(delayMs: number, occurrence: Occurrence): Scheduled {
    if (!Number.isFinite(delayMs)) throw new RangeError(`a delay must be finite: ${delayMs}`);
    return this.#queue.add(this.#nowMs + Math.max(0, delayMs), occurrence);
  }

  cancel(entry: Scheduled): void {
    this.#queue.cancel(entry);
  }

  /** To be called by a port that settles a promise inside an event: continuations run before the next event. */
  settled(): void {
    this.#settled = true;
  }

  /** Resolves after `delayMs` of virtual time. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.schedule(delayMs, () => {
        resolve();
        this.settled();
      });
    });
  }

  /** Lets time pass. Rejects with whatever an event throws. One run at a time. */
  async run(options: RunOptions = {}): Promise<void> {
    const untilMs = options.untilMs ?? Infinity;
    // From here on we are within a microtask, whoever called: `drained` may rely on it.
    await Promise.resolve();
    for (let batch = 1; ; batch += 1) {
      await (batch % BREATHE_EVERY === 0 ? this.#platform.turn() : this.#platform.drained());
      if (options.until?.() === true) return;
      if (!this.#runBatch(untilMs)) break;
    }
    if (Number.isFinite(untilMs)) this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** False when nothing happens up to `untilMs` any more. */
  #runBatch(untilMs: number): boolean {
    const first = this.#queue.first();
    if (first === undefined || first.atMs > untilMs) return false;
    const endMs = Math.min(Math.floor(first.atMs) + 1, untilMs);
    this.#settled = false;
    for (let count = 0; count < BATCH_MAX && !this.#settled; count += 1) {
      const next = this.#queue.first();
      if (next === undefined || next.atMs > untilMs || (next.atMs >= endMs && count > 0)) break;
      this.#queue.shift();
      this.#nowMs = next.atMs;
      this.#eventsRun += 1;
      next.occurrence.happen();
    }
    return true;
  }
}

const BATCH_MAX = 256;
/** Now and then the process's own event loop gets a turn, so that test time-outs and signals work. */
const BREATHE_EVERY = 8192;

import type { BandwidthConsumer, BandwidthQueue } from '../policy/bandwidth-queue.ts';
import type { RateLimiter } from '../policy/rate-limiter.ts';
import type { Clock } from '../ports/clock.ts';
import type { ByteStream } from '../ports/network.ts';

/** Most bytes that are granted ahead of their arrival: what one read brings. */
const GRANT_MAX = 256 * 1024;
/** Less would be reads of less than a packet. */
const GRANT_MIN = 1_460;
/**
 * So much of its fair share a connection is granted ahead: what all of them have and do not use at the moment may come at once some
 * time, and must not be more than a moment's worth of the limit.
 */
const GRANT_MS = 100;

/**
 * What is granted in crumbs is saved up to this before it is read. A window that opens by crumbs ends each of them with a frame that is not
 * full (measured under a WAN budget: 3.8 % more on the wire than full frames take).
 */
const READ_MIN = 32 * 1024;

/**
 * Obeys a download limit by reading no more than was granted; TCP's window then slows the sender. Counts every byte of the
 * connection, headers included: that is what fills a link.
 */
export class ReadThrottle implements BandwidthConsumer {
  readonly limiter: RateLimiter;
  readonly #stream: ByteStream;
  readonly #queue: BandwidthQueue;
  readonly #clock: Clock;
  /** Granted and not yet used; negative when a read that was under way brought more. Infinity while unlimited. */
  #allowance = Infinity;

  constructor(stream: ByteStream, limiter: RateLimiter, queue: BandwidthQueue, clock: Clock) {
    this.#stream = stream;
    this.limiter = limiter;
    this.#queue = queue;
    this.#clock = clock;
  }

  limitsChanged(): void {
    if (this.limiter.unlimited) {
      this.release();
      this.#allowance = Infinity;
      this.#stream.allowReading(Infinity);
      return;
    }
    // What was granted at a higher rate must not last for long at a lower one.
    this.#allowance = this.#allowance === Infinity ? 0 : Math.min(this.#allowance, this.#grantMax());
    if (this.#allowance <= 0) this.#askForMore();
    else this.#stream.allowReading(this.#allowance);
  }

  received(bytes: number): void {
    if (this.#allowance === Infinity) return;
    this.#allowance -= bytes;
    if (this.#allowance <= 0) this.#askForMore();
  }

  /** The queue's offer; answers how much of it is taken. */
  offer(bytes: number): number {
    const taken = Math.min(bytes, Math.max(0, this.#grantMax() - this.#allowance));
    this.#allowance += taken;
    if (this.#allowance >= Math.max(1, Math.min(READ_MIN, this.#grantMax()))) {
      this.#queue.leave(this);
      this.#stream.allowReading(this.#allowance);
    }
    return taken;
  }

  release(): void {
    this.#queue.leave(this);
  }

  #askForMore(): void {
    const most = this.#grantMax();
    this.#allowance += this.limiter.take(this.#clock.nowMs(), most - this.#allowance);
    const enough = this.#allowance >= Math.max(1, Math.min(READ_MIN, most));
    this.#stream.allowReading(enough ? this.#allowance : 0);
    if (!enough) this.#queue.join(this);
  }

  #grantMax(): number {
    const rate = this.limiter.fairBytesPerSecond;
    if (rate === 0) return 0;
    return Math.min(GRANT_MAX, Math.max(GRANT_MIN, Math.ceil((rate * GRANT_MS) / 1000)));
  }
}

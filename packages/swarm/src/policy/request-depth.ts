/*
 * How many blocks to keep asked for at one peer. Too few, and the link idles for a round trip after every block; too many, and a
 * slow peer sits on work that others would have done. The answer is what the peer delivers in about three seconds, found as TCP
 * finds its window: start small, double while the rate still grows with the depth, then follow the rate.
 *
 * Over a slow line all that is asked for may stand in its queue at once, and what does not fit there is lost and sent again. So there the
 * answer is what the peer delivers in the time that an answer takes at best, and a short queue's time more (as TCP Vegas does, Brakmo and
 * Peterson, 1995).
 */
import { QueueDelay } from './queue-delay.ts';
import { RateMeter } from './rate-meter.ts';

const BLOCK_LENGTH = 16 * 1024;
/** Seconds of delivery that are kept outstanding. */
const AHEAD_SECONDS = 3;
/**
 * Over a line: beyond the shortest answer, and in all at most. (Measured, 3 sites of 4 behind queues of 100 ms: with a second of everything
 * 2.3 % of what the origin sent was lost, with a quarter 1.7 %; 2 sites of 12 were done at 32.6 instead of 33.9 s, 6 of 3 at 33.9 instead of 37.2.)
 */
const QUEUE_SECONDS = 0.2;
const LINE_SECONDS_MAX = 1;
/** The shortest answer of the last minute and a half counts. */
const ANSWER_SPAN_MS = 9_000;
const DEPTH_START = 4;
const DEPTH_MIN = 2;
/** 8 MiB in flight; more only helps beyond 20 Gbit/s at 3 ms. */
const DEPTH_MAX = 500;

export interface DepthLimits {
  /** Requests that the peer keeps, BEP 10 `reqq`. */
  readonly requestQueueMax: number;
  /** The peer is behind a slow line: no long queues. */
  readonly line?: boolean;
}

export class RequestDepth {
  /** It was asked and did not deliver: one request at a time until it does. */
  snubbed = false;
  readonly #rate = new RateMeter();
  /** Slow start goes on: every block that arrives allows one more. Undefined once the rate decides. */
  #slowStart: number | undefined = DEPTH_START;
  /** Of answers over a line. */
  #delay: QueueDelay | undefined;

  /** `askedMs`: when it was asked for, if the peer is behind a line. */
  blockReceived(bytes: number, nowMs: number, askedMs?: number): void {
    this.snubbed = false;
    this.#rate.add(bytes, nowMs);
    if (askedMs !== undefined)
      (this.#delay ??= new QueueDelay(ANSWER_SPAN_MS)).measure(nowMs - askedMs, nowMs);
    if (this.#slowStart === undefined) return;
    this.#slowStart += 1;
    if (this.#slowStart >= DEPTH_MAX) this.#slowStart = undefined;
  }

  /** How many requests should be outstanding now. */
  depth(nowMs: number, { requestQueueMax, line = false }: DepthLimits): number {
    if (this.snubbed) return 1;
    const aheadSeconds = line ? this.#lineSeconds() : AHEAD_SECONDS;
    const byRate = Math.ceil((this.#rate.bytesPerSecond(nowMs) * aheadSeconds) / BLOCK_LENGTH);
    // Slow start ends when three seconds of the measured rate are less than what it has reached: the link is full.
    if (this.#slowStart !== undefined && this.#slowStart > 2 * byRate + DEPTH_START * 4)
      this.#slowStart = undefined;
    const wanted = Math.max(DEPTH_MIN, byRate, this.#slowStart ?? 0);
    return Math.min(wanted, DEPTH_MAX, Math.max(1, requestQueueMax));
  }

  #lineSeconds(): number {
    return Math.min(LINE_SECONDS_MAX, QUEUE_SECONDS + (this.#delay?.shortestMs ?? 0) / 1000);
  }
}

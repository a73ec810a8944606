/*
 * How many blocks to keep asked for at one peer. Too few, and the link idles for a round trip after every block; too many, and a
 * slow peer sits on work that others would have done. The answer is what the peer delivers in about three seconds, found as TCP
 * finds its window: start small, double while the rate still grows with the depth, then follow the rate.
 */
import { RateMeter } from './rate-meter.ts';

const BLOCK_LENGTH = 16 * 1024;
/** Seconds of delivery that are kept outstanding. */
const AHEAD_SECONDS = 3;
const DEPTH_START = 4;
const DEPTH_MIN = 2;
/** 8 MiB in flight; more only helps beyond 20 Gbit/s at 3 ms. */
const DEPTH_MAX = 500;

export interface DepthLimits {
  /** Requests that the peer keeps, BEP 10 `reqq`. */
  readonly requestQueueMax: number;
  /** Seconds of delivery that are kept outstanding. Default 3. */
  readonly aheadSeconds?: number;
}

export class RequestDepth {
  /** It was asked and did not deliver: one request at a time until it does. */
  snubbed = false;
  readonly #rate = new RateMeter();
  /** Slow start goes on: every block that arrives allows one more. Undefined once the rate decides. */
  #slowStart: number | undefined = DEPTH_START;

  blockReceived(bytes: number, nowMs: number): void {
    this.snubbed = false;
    this.#rate.add(bytes, nowMs);
    if (this.#slowStart === undefined) return;
    this.#slowStart += 1;
    if (this.#slowStart >= DEPTH_MAX) this.#slowStart = undefined;
  }

  /** How many requests should be outstanding now. */
  depth(nowMs: number, { requestQueueMax, aheadSeconds = AHEAD_SECONDS }: DepthLimits): number {
    if (this.snubbed) return 1;
    const byRate = Math.ceil((this.#rate.bytesPerSecond(nowMs) * aheadSeconds) / BLOCK_LENGTH);
    // Slow start ends when three seconds of the measured rate are less than what it has reached: the link is full.
    if (this.#slowStart !== undefined && this.#slowStart > 2 * byRate + DEPTH_START * 4)
      this.#slowStart = undefined;
    const wanted = Math.max(DEPTH_MIN, byRate, this.#slowStart ?? 0);
    return Math.min(wanted, DEPTH_MAX, Math.max(1, requestQueueMax));
  }
}

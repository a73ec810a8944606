/**
 * One WAN budget for a whole site, without a coordinator. Every member tells the others what it draws and whether it would draw more;
 * from the same reports everybody computes the same water level: who wants less than the level gets what it wants, all others get
 * the level, and together that is the budget (max-min fairness, Bertsekas and Gallager, Data Networks, 6.5.2). A member that goes
 * leaves its water to the others; one that turns hungry takes its share at once, and the others give way as soon as they hear of it.
 */
import type { RateLimits } from '../policy/rate-limits.ts';

/** What all members of the site together may draw over the WAN: bytes per second on the wire. Absent = unlimited, 0 = stop. */
export type WanBudget = RateLimits;

/** What a member draws over the WAN in one direction. */
export interface WanDraw {
  /** Bytes per second on the wire. */
  readonly bytesPerSecond: number;
  /** It would draw more if it might. */
  readonly hungry: boolean;
}

/**
 * A full frame on Ethernet carries 1,448 bytes of a TCP stream in 1,514: 14 for Ethernet, 20 for IPv4, 32 for TCP with time stamps. (IPv6
 * takes 20 more: 1,428, another 1.4 %.) Limits count bytes of the stream, a budget what people see at their router.
 */
export const WIRE_BYTES_PER_STREAM_BYTE: number = 1_514 / 1_448;

/** Every second full frame is acknowledged by an empty one of 66 bytes, which takes the other direction's budget. */
export const ACK_BYTES_PER_STREAM_BYTE: number = 66 / (2 * 1_448);

/**
 * This part of the budget is not shared out, but makes the members' `TRICKLE`: handshakes and messages of those who are not hungry, and
 * the time until a report is heard.
 */
const SLACK = 0.01;

/** One that is not hungry keeps this much more than it drew last, so that it notices when it wants more. */
const HEADROOM = 1.1;

/**
 * What a member may draw now, in bytes per second on the wire; never more than the budget, over all members together. `others` are
 * the last reports of the other members in any order; one that has not reported yet counts as hungry.
 */
export function wanShare(budget: number, own: WanDraw, others: readonly (WanDraw | undefined)[]): number {
  if (budget === Infinity) return Infinity;
  const demands = [own, ...others].map(demandOf);
  const trickle = (budget * SLACK) / demands.length;
  return Math.max(trickle, Math.min(demandOf(own), waterLevel(budget * (1 - SLACK), demands)));
}

/** Bytes of TCP streams for so many on the wire, when the frames are full. */
export function streamBytes(wireBytes: number): number {
  return wireBytes / WIRE_BYTES_PER_STREAM_BYTE;
}

/** The level at which all demands below it and the level for each above it add up to the budget; Infinity if all are below. */
function waterLevel(budget: number, demands: readonly number[]): number {
  let left = budget;
  let sharers = demands.length;
  for (const demand of demands.toSorted((a, b) => a - b)) {
    if (demand * sharers > left) return left / sharers;
    left -= demand;
    sharers -= 1;
  }
  return Infinity;
}

function demandOf(draw: WanDraw | undefined): number {
  if (draw === undefined || draw.hungry) return Infinity;
  return draw.bytesPerSecond * HEADROOM;
}

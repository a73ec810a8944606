import type { Simulated } from './scaling.ts';
import { hostCount } from './scenario.ts';

/** Seconds of one core for a machine that receives a piece, with all that is told about it; and for each of the piece's blocks. */
const SECONDS_PER_RECEIPT = 250e-6;
const SECONDS_PER_BLOCK = 6e-6;
/** Machines without site awareness fetch across and hear from more. */
const PLAIN_FACTOR = 2;
const BLOCK = 16_384;

/** About how long simulations take, in seconds of a usual server's core; within a factor of two. */
export function simulationSeconds(
  simulated: Simulated,
  runs: { readonly brine: number; readonly plain: number },
): number {
  const receipts = hostCount(simulated) * simulated.pieceCount;
  const one = receipts * (SECONDS_PER_RECEIPT + (simulated.pieceLength / BLOCK) * SECONDS_PER_BLOCK);
  return one * (runs.brine + runs.plain * PLAIN_FACTOR);
}

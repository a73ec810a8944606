/** A figure over several runs. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Throws for no values: there is always a run. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  if (sorted.length === 0) throw new Error('a spread needs a value');
  return { min: sorted[0]!, median: medianOf(sorted), max: sorted.at(-1)! };
}

/** Of ascending values: the one below which this part of them lies, nearest rank. */
export function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)]!;
}

function medianOf(sorted: readonly number[]): number {
  const upper = sorted[sorted.length >> 1]!;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[(sorted.length >> 1) - 1]!;
  return upper === lower ? upper : (lower + upper) / 2;
}

/** Two decimals, rounded down, and below 100: only what is complete in every sense is 100, and its teller says so. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 0;
  return Math.min(99.99, Math.floor((done / total) * 10_000) / 100);
}

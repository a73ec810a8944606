/** Time as the engine sees it, in milliseconds. */
export interface Clock {
  /** Monotonic, starting anywhere: what everything is measured with. */
  nowMs(): number;
  /** The wall clock, milliseconds since 1970-01-01 UTC: for schedules of people only. May jump, in both directions. */
  epochMs(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it and may be called at any time, any number of times. */
  schedule(delayMs: number, task: () => void): () => void;
}

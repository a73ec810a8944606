/** Time as the engine sees it: monotonic, in milliseconds, starting anywhere. */
export interface Clock {
  nowMs(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it and may be called at any time, any number of times. */
  schedule(delayMs: number, task: () => void): () => void;
}

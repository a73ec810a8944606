import { SLICE_MIN } from './bandwidth-branch.ts';
import type { Branch } from './bandwidth-branch.ts';
import type { RateLimiter } from './rate-limiter.ts';

/**
 * The branches that wait for one bucket beside the tree, who has waited longest first. They hang far apart in the tree, and the first
 * that is served would take all; so before each pass the bucket is divided among them, equally, or in turn when there is too little
 * for sensible slices. Who leaves some of its part is done for this tick, and the others share that in another pass.
 */
export class SharedTurns {
  readonly #limiter: RateLimiter;
  /** With what each was given for this pass. */
  readonly #waiting = new Map<Branch, number>();
  readonly #sated = new Set<Branch>();

  constructor(limiter: RateLimiter) {
    this.#limiter = limiter;
  }

  join(branch: Branch): void {
    // One that joins during a tick waits for the next.
    branch.allotted = 0;
    this.#waiting.set(branch, 0);
  }

  leave(branch: Branch): 'empty' | 'not empty' {
    this.#waiting.delete(branch);
    return this.#waiting.size === 0 ? 'empty' : 'not empty';
  }

  /** A tick begins. */
  begin(): void {
    this.#sated.clear();
  }

  /** A pass begins. */
  divide(nowMs: number): void {
    const hungry = [...this.#waiting.keys()].filter((branch) => !this.#sated.has(branch));
    const available = this.#limiter.available(nowMs);
    const served = Math.min(hungry.length, Math.max(1, Math.floor(available / SLICE_MIN)));
    for (const branch of this.#waiting.keys()) this.#allot(branch, 0);
    for (const branch of hungry.slice(0, served)) this.#allot(branch, Math.floor(available / served));
  }

  /** A pass is over; true when something was left that others could use. */
  settle(): boolean {
    let left = false;
    for (const [branch, given] of Array.from(this.#waiting)) {
      if (given === Infinity) continue;
      if (branch.allotted >= SLICE_MIN || (given > 0 && branch.allotted === given)) {
        this.#sated.add(branch);
        left = true;
      }
      if (branch.allotted === given) continue;
      this.#waiting.delete(branch);
      this.#waiting.set(branch, given);
    }
    return left && this.#sated.size < this.#waiting.size;
  }

  #allot(branch: Branch, bytes: number): void {
    branch.allotted = bytes;
    this.#waiting.set(branch, bytes);
  }
}

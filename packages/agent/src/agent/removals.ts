import type { Logger } from 'pino';

import type { Removal } from './orders/payload-record.ts';

export interface RemovalsOptions {
  /** Takes a content out of the engine and from the disk; rejects when it is to be tried again. */
  readonly remove: (removal: Removal) => Promise<void>;
  /** It is gone: need not be remembered any more. */
  readonly removed: (removal: Removal) => Promise<void>;
  readonly log: Logger;
}

/** Carries out what was ordered to go. A removal that fails is tried again, as long as it takes. */
export class Removals {
  readonly #options: RemovalsOptions;
  readonly #underWay = new Set<Removal>();
  /** Those that have failed and wait for their next turn. */
  readonly #failed = new Set<Removal>();
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: RemovalsOptions) {
    this.#options = options;
  }

  /** Begins those of `removals` that are not under way. */
  carryOut(removals: Iterable<Removal>): void {
    for (const removal of removals) {
      if (this.#underWay.has(removal)) continue;
      this.#underWay.add(removal);
      this.#failed.delete(removal);
      this.#options.remove(removal).then(
        () => this.#gone(removal),
        (error: unknown) => this.#notGone(removal, error),
      );
    }
  }

  /** Nothing is tried again from now on; the next start does. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
  }

  #gone(removal: Removal): void {
    this.#options
      .removed(removal)
      .then(() => this.#underWay.delete(removal))
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'a removal is not noted'));
  }

  #notGone(removal: Removal, error: unknown): void {
    this.#options.log.warn({ err: error, infohash: removal.infohash }, 'not removed yet');
    this.#underWay.delete(removal);
    this.#failed.add(removal);
    if (this.#stopped) return;
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.carryOut([...this.#failed]);
    }, RETRY_MS);
  }
}

const RETRY_MS = 30_000;

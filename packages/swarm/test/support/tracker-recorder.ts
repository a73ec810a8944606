import type { PeerAddress } from '@brine/wire';

import type { TrackerAnswer, TrackerSink } from '../../src/discovery/trackers.ts';
import type { Trouble } from '../../src/snapshot.ts';

/** What the trackers of a torrent reported, and a way to wait for it. */
export class TrackerRecorder implements TrackerSink {
  readonly peers: PeerAddress[] = [];
  readonly answers: (TrackerAnswer & { readonly url: string })[] = [];
  readonly failures: (Trouble & { readonly url: string })[] = [];
  readonly #waiting = new Set<() => void>();

  peersFound(addresses: readonly PeerAddress[]): void {
    this.peers.push(...addresses);
    this.#check();
  }

  answered(url: string, answer: TrackerAnswer): void {
    this.answers.push({ url, ...answer });
    this.#check();
  }

  failed(url: string, trouble: Trouble): void {
    this.failures.push({ url, ...trouble });
    this.#check();
  }

  /** Resolves when so many answers and failures were reported in all, and the trackers have planned what comes next. */
  async reported(answers: number, failures = 0): Promise<void> {
    await this.until(() => this.answers.length >= answers && this.failures.length >= failures);
  }

  async until(holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      const check = (): void => {
        if (!holds()) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
    // The report is made before the next announce is planned, in the same turn of the loop.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }

  #check(): void {
    for (const check of this.#waiting) check();
  }
}

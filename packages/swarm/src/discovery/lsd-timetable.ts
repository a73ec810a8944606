/*
 * When which torrent is announced on the local network. BEP 14: every 5 minutes, and a client no more than once a minute. As in other
 * clients, both hold for each torrent: one that is added does not wait for another's minute, and torrents that fall due together share
 * datagrams. The first announce is repeated after that minute, because a datagram that got lost would cost five.
 */

/** BEP 14. */
export const LSD_INTERVAL_MS: number = 5 * 60_000;
/** BEP 14. */
export const LSD_INTERVAL_MIN_MS = 60_000;

/** By its hex info-hash. */
interface Torrent {
  readonly id: string;
}

interface Announced {
  readonly lastMs: number;
  /** In a row, since the torrent started or another network appeared. */
  readonly times: number;
}

export class LsdTimetable {
  readonly #announced = new Map<string, Announced>();

  /** Which of the torrents that run are to be announced now. Those that do not run any more are forgotten, except for their minute. */
  due<T extends Torrent>(running: readonly T[], nowMs: number): readonly T[] {
    this.#forgetOthers(new Set(running.map(({ id }) => id)), nowMs);
    return running.filter(({ id }) => this.#dueMs(id) <= nowMs);
  }

  /** These have been announced. */
  announced(torrents: readonly Torrent[], nowMs: number): void {
    for (const { id } of torrents)
      this.#announced.set(id, { lastMs: nowMs, times: (this.#announced.get(id)?.times ?? 0) + 1 });
  }

  /** After how many milliseconds the next of those that run is due; Infinity when none does. */
  nextMs(running: readonly Torrent[], nowMs: number): number {
    return running.reduce((soonest, { id }) => Math.min(soonest, this.#dueMs(id) - nowMs), Infinity);
  }

  /** Somebody may be listening who has heard of nothing: everything is announced again, each torrent when its minute is over. */
  startAgain(): void {
    for (const [id, { lastMs }] of this.#announced) this.#announced.set(id, { lastMs, times: 0 });
  }

  #dueMs(id: string): number {
    const announced = this.#announced.get(id);
    if (announced === undefined) return -Infinity;
    return announced.lastMs + (announced.times < 2 ? LSD_INTERVAL_MIN_MS : LSD_INTERVAL_MS);
  }

  #forgetOthers(running: ReadonlySet<string>, nowMs: number): void {
    for (const [id, { lastMs }] of this.#announced) {
      if (running.has(id)) continue;
      if (nowMs - lastMs >= LSD_INTERVAL_MIN_MS) this.#announced.delete(id);
      else this.#announced.set(id, { lastMs, times: 0 });
    }
  }
}

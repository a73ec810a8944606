/*
 * Whom of our site to believe. What a member says keeps us from fetching over the WAN: that it has a piece, that it fetches one, that
 * its turn comes before ours. Everybody is believed at first, else nobody could begin. Who was found to have kept us waiting for
 * nothing is not believed for a while, or until right pieces have come from there; each time that takes longer, and more pieces. What
 * counts is the address: names are free. When several addresses have lied, new ones have to give before they are believed.
 */

/** Small faults in a row that make a big one. */
const STRIKES_MAX = 3;
const DISTRUST_MIN_MS = 60_000;
const DISTRUST_MAX_MS = 3_600_000;
/** Pieces that win trust back, at most. */
const PROOF_MAX = 64;
/** Addresses that have lied before newcomers have to prove themselves. */
const LIARS_MAX = 3;
/** Addresses whose record is kept; the oldest go first. */
const RECORDS_MAX = 1_024;

interface Standing {
  strikes: number;
  times: number;
  untilMs: number;
  /** Right pieces that are still to come from there. */
  toProve: number;
}

export class SiteTrust {
  readonly #standings = new Map<string, Standing>();
  #liars = 0;

  trusts(ip: string, nowMs: number): boolean {
    const standing = this.#standingOf(ip);
    return standing === undefined || standing.toProve === 0 || nowMs >= standing.untilMs;
  }

  /** It has lied, and right pieces have not made up for it, however long ago: what it announces does not count. */
  owes(ip: string): boolean {
    return (this.#standingOf(ip)?.toProve ?? 0) > 0;
  }

  /** A small fault, that may also be bad luck. True when it was one too many. */
  strike(ip: string, nowMs: number): boolean {
    const standing = this.#standingOf(ip) ?? this.#add(ip, 0);
    standing.strikes += 1;
    if (standing.strikes < STRIKES_MAX) return false;
    this.blame(ip, nowMs);
    return true;
  }

  /** It kept us waiting for nothing. */
  blame(ip: string, nowMs: number): void {
    const standing = this.#standingOf(ip) ?? this.#add(ip, 0);
    // What it does while nobody believes it costs nothing.
    if (!this.trusts(ip, nowMs)) return;
    if (standing.times === 0) this.#liars += 1;
    standing.strikes = 0;
    standing.toProve = Math.min(PROOF_MAX, 2 ** standing.times);
    standing.untilMs = nowMs + Math.min(DISTRUST_MAX_MS, DISTRUST_MIN_MS * 2 ** standing.times);
    standing.times += 1;
  }

  /** A right piece came from there, and from nowhere else. */
  proved(ip: string): void {
    const standing = this.#standings.get(ip) ?? this.#add(ip, 0);
    standing.strikes = 0;
    standing.toProve = Math.max(0, standing.toProve - 1);
  }

  /** Undefined for an address of which nothing is known, and of which nothing is asked. */
  #standingOf(ip: string): Standing | undefined {
    return this.#standings.get(ip) ?? (this.#liars < LIARS_MAX ? undefined : this.#add(ip, 1));
  }

  #add(ip: string, toProve: number): Standing {
    const standing = { strikes: 0, times: 0, untilMs: Infinity, toProve };
    this.#standings.set(ip, standing);
    for (const oldest of this.#standings.keys()) {
      if (this.#standings.size <= RECORDS_MAX) break;
      this.#standings.delete(oldest);
    }
    return standing;
  }
}

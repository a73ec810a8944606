/** A site's line to the rest of the world. Everything that enters or leaves the site shares it, whoever sends it. */
export class Line {
  readonly into: Lane;
  readonly outOf: Lane;

  constructor(bytesPerSecond: number) {
    this.into = new Lane(bytesPerSecond);
    this.outOf = new Lane(bytesPerSecond);
  }
}

/** One direction of a line: bytes pass one after the other at its rate, and are counted. */
export class Lane {
  /** All that have passed so far, with the headers of the BitTorrent protocol. */
  bytesPassed = 0;
  readonly #bytesPerSecond: number;
  #freeMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerSecond = bytesPerSecond;
  }

  /** Takes the next free place for so many bytes; returns when they are through. */
  pass(bytes: number, nowMs: number): number {
    // Timers come late: what was lost by that may be made up for, time in which nobody wanted to send may not.
    const beginMs = Math.max(this.#freeMs, nowMs - LATE_MAX_MS);
    this.#freeMs = beginMs + (bytes * 1000) / this.#bytesPerSecond;
    this.bytesPassed += bytes;
    return this.#freeMs;
  }
}

const LATE_MAX_MS = 20;

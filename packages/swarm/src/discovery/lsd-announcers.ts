/** What comes from one announcer within this time is one announce: it sends to all links at once, and no more than once a minute. */
const TOGETHER_MS = 5_000;

/**
 * Who announces from several addresses, by IPv4 and IPv6 or on several links, is one machine, and one address of it is enough: dialled at
 * two at the same time, both ends would be busy giving up one of the connections. The cookie tells; it is as secret as it needs to
 * be, because nobody knows it before the announce itself.
 */
export class LsdAnnouncers {
  readonly #max: number;
  readonly #heard = new Map<string, { readonly ip: string; readonly atMs: number }>();

  /** `max` announcers are remembered, the latest. */
  constructor(options: { readonly max: number }) {
    this.#max = options.max;
  }

  /** False for an announce from another address than the one that was heard first just now. */
  isNews(cookie: string | undefined, ip: string, nowMs: number): boolean {
    if (cookie === undefined) return true;
    const before = this.#heard.get(cookie);
    if (before !== undefined && nowMs - before.atMs < TOGETHER_MS) return before.ip === ip;
    this.#heard.delete(cookie);
    this.#heard.set(cookie, { ip, atMs: nowMs });
    for (const oldest of this.#heard.keys()) {
      if (this.#heard.size <= this.#max) break;
      this.#heard.delete(oldest);
    }
    return true;
  }
}

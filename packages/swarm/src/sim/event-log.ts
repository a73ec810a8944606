import { hexOf } from '@brine/wire';

import { TextDigest } from './text-digest.ts';

/**
 * What happened, as lines of text: `time host event fact`. The digest covers every line; the lines themselves are kept up to a bound,
 * the latest ones, for reading.
 */
export class EventLog {
  /** Nobody listens: engines need not tell. */
  readonly quiet: boolean;
  readonly #digest = new TextDigest();
  readonly #kept: string[] = [];
  readonly #counts = new Map<string, number>();
  #length = 0;

  constructor(options: { readonly quiet?: boolean } = {}) {
    this.quiet = options.quiet ?? false;
  }

  get length(): number {
    return this.#length;
  }

  add(atMs: number, host: string, event: string, fact: unknown): void {
    if (this.quiet) return;
    const line = `${atMs.toFixed(3)} ${host} ${event} ${JSON.stringify(fact, stable)}`;
    this.#digest.update(line);
    this.#length += 1;
    this.#counts.set(event, this.count(event) + 1);
    if (this.#kept.length >= KEPT_MAX) this.#kept.splice(0, KEPT_MAX / 2);
    this.#kept.push(line);
  }

  count(event: string): number {
    return this.#counts.get(event) ?? 0;
  }

  /** Lines that contain all the words; the latest ones only, when the log is long. */
  lines(...words: readonly string[]): readonly string[] {
    return this.#kept.filter((line) => words.every((word) => line.includes(word)));
  }

  /** Of all lines so far. */
  digest(): string {
    return this.#digest.text();
  }
}

const KEPT_MAX = 200_000;

/** Object keys in order, bytes as hex. */
function stable(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return hexOf(value);
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

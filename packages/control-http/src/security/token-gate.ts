import { createHash, timingSafeEqual } from 'node:crypto';

/** What a call's `Authorization` header is worth. */
export type Verdict = 'allowed' | 'token-missing' | 'token-wrong' | 'too-many-attempts';

/**
 * Knows the token. Wrong ones are counted by address: above a rate they are answered no more than that they are too many. The right
 * token is always let in, so that nobody on the machine can lock its owner out; 256 random bits are not guessed at any rate.
 */
export class TokenGate {
  readonly #digest: Buffer;
  readonly #nowMs: () => number;
  /** By address, in the order of their last attempt: when its allowance is whole again. */
  readonly #attempts = new Map<string, number>();

  constructor(token: string, nowMs: () => number) {
    this.#digest = digestOf(token);
    this.#nowMs = nowMs;
  }

  judge(authorization: string | undefined, address: string): Verdict {
    const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
    // Of equal length whatever was sent, so that the time tells nothing.
    if (token !== undefined && timingSafeEqual(digestOf(token), this.#digest)) return 'allowed';
    if (!this.#mayTry(address)) return 'too-many-attempts';
    return token === undefined ? 'token-missing' : 'token-wrong';
  }

  /** A leaky bucket: every attempt fills it, time empties it. */
  #mayTry(address: string): boolean {
    const nowMs = this.#nowMs();
    const wholeMs = Math.max(this.#attempts.get(address) ?? 0, nowMs) + ATTEMPT_COSTS_MS;
    if (wholeMs > nowMs + ATTEMPTS_AT_ONCE * ATTEMPT_COSTS_MS) return false;
    this.#attempts.delete(address);
    this.#attempts.set(address, wholeMs);
    if (this.#attempts.size > ADDRESSES_MAX) this.#attempts.delete(this.#attempts.keys().next().value!);
    return true;
  }
}

/** The header `Retry-After` when attempts are too many, in seconds. */
export const RETRY_AFTER_SECONDS = 6;

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const ATTEMPT_COSTS_MS: number = RETRY_AFTER_SECONDS * 1_000;
const ATTEMPTS_AT_ONCE = 10;
const ADDRESSES_MAX = 1_024;

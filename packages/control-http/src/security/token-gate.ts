import { createHash, timingSafeEqual } from 'node:crypto';

/** How the token is sent: by itself (RFC 6750), or as the password of HTTP basic authentication (RFC 7617). */
export type Scheme = 'bearer' | 'basic';

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

  judge(authorization: string | undefined, scheme: Scheme, address: string): Verdict {
    const token = tokenIn(authorization ?? '', scheme);
    // No guess: many programs send a password only when they are asked for it, call after call.
    if (token === undefined) return 'token-missing';
    // Of equal length whatever was sent, so that the time tells nothing.
    if (timingSafeEqual(digestOf(token), this.#digest)) return 'allowed';
    return this.#mayTry(address) ? 'token-wrong' : 'too-many-attempts';
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

function tokenIn(authorization: string, scheme: Scheme): string | undefined {
  if (scheme === 'bearer') return /^bearer +(\S+) *$/i.exec(authorization)?.[1];
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization)?.[1];
  // Name and password, RFC 7617; the name may be any.
  return /^[^:]*:(.*)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString())?.[1];
}

/** The header `Retry-After` when attempts are too many, in seconds. */
export const RETRY_AFTER_SECONDS = 6;

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

const ATTEMPT_COSTS_MS: number = RETRY_AFTER_SECONDS * 1_000;
const ATTEMPTS_AT_ONCE = 10;
const ADDRESSES_MAX = 1_024;

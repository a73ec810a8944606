/**
 * Who of a site fetches what over the WAN, agreed without a coordinator. A member claims a piece before it asks the WAN for it, and
 * nobody else asks while the claim lives. Claims are leases: they end when the piece is there, when they are given back, when the
 * claimant goes, and when it neither delivers nor renews. At most a few members fetch at a time; who, everybody computes from the
 * same names. See docs/claims.md.
 *
 * Two claims for one piece are settled by the same rule at both ends: one that is being fetched stands against one that is new, else
 * the higher rendezvous score wins. No state here outlives its member, and each member's is bounded.
 */
import { rendezvousScore } from './rendezvous.ts';
import { SiteTrust } from './site-trust.ts';

/** A claim that nobody has contradicted for this long is ours: a round trip on a LAN, and a busy event loop at its far end. */
export const SETTLE_MS = 100;
/** A claim that is not renewed for this long is over. Renewals come every `RENEW_MS`. */
const LEASE_MS = 12_000;
export const RENEW_MS = 3_000;
/** However often it is renewed, a claim is over when a fetcher at this rate would have delivered twice. */
const SLOWEST_BYTES_PER_SECOND = 16 * 1024;
const HELD_AT_LEAST_MS = 30_000;
/** A member that says nothing for this long is not counted on; members report every few seconds. */
const SILENT_MS = 10_000;
/** Claims kept of one member. */
export const CLAIMS_PER_MEMBER_MAX = 256;

export interface SiteClaimsOptions {
  /** Our name among members, from our peer id. */
  readonly self: number;
  /** Something that differs between torrents, so that not the same members fetch all of them. */
  readonly salt: number;
  /** Members that fetch at a time. */
  readonly fetchersMax: number;
  /** Bytes. */
  readonly pieceLength: number;
}

/** What becomes of our claims when another is heard. */
export interface Contest {
  /** Ours gives way: stop fetching. */
  readonly yielded: readonly number[];
  /** Ours stands: tell the other. */
  readonly defended: readonly number[];
}

/** A claim of our own. */
export interface OwnClaim {
  readonly piece: number;
  readonly sinceMs: number;
  /** Key of the WAN peer that is to deliver. */
  readonly via: string;
}

interface Lease {
  readonly sinceMs: number;
  renewedMs: number;
}

interface Member {
  readonly name: number;
  readonly claims: Map<number, Lease>;
  able: boolean;
  complete: boolean;
  heardMs: number;
  readonly ip: string;
}

const UNCONTESTED: Contest = { yielded: [], defended: [] };

export class SiteClaims {
  /** Who does not keep us waiting for nothing; by address, so that a new name does not help. */
  readonly trust: SiteTrust = new SiteTrust();
  readonly #options: SiteClaimsOptions;
  readonly #holdMaxMs: number;
  readonly #members = new Map<string, Member>();
  /** Whose claim on a piece counts. */
  readonly #holders = new Map<number, Member>();
  readonly #own = new Map<number, OwnClaim>();
  /** Pieces that were taken from us while we fetched them; the next time we go on. */
  readonly #lostOnce = new Set<number>();
  /** Names of who fetches, ourselves perhaps among them; made anew when undefined. */
  #fetchers: readonly number[] | undefined;
  /** Those among whom the pieces are divided. */
  #dividers: readonly number[] = [];
  #extraFetchers = 0;
  #selfAble = true;

  constructor(options: SiteClaimsOptions) {
    this.#options = options;
    this.#holdMaxMs = Math.max(HELD_AT_LEAST_MS, (2000 * options.pieceLength) / SLOWEST_BYTES_PER_SECOND);
  }

  get memberCount(): number {
    return this.#members.size;
  }

  isMember(key: string): boolean {
    return this.#members.has(key);
  }

  /** Ours, by piece. */
  get own(): ReadonlyMap<number, OwnClaim> {
    return this.#own;
  }

  /** `ip` is where it is: what it did under another name there is remembered. */
  join(key: string, name: number, ip: string, nowMs: number): void {
    this.#members.set(key, {
      name,
      claims: new Map(),
      able: true,
      complete: false,
      heardMs: nowMs,
      ip,
    });
    this.#fetchers = undefined;
  }

  leave(key: string, nowMs: number): void {
    const member = this.#members.get(key);
    if (member === undefined) return;
    this.#members.delete(key);
    const keptWaiting = [...member.claims.keys()].some((piece) => this.#holders.get(piece) === member);
    this.#dropAll(member);
    // Machines end with work undone; who does so again and again, and never brings anything, is something else.
    if (keptWaiting) this.strike(member.ip, nowMs);
    this.#fetchers = undefined;
  }

  /** A member reports, above all whether it can fetch. */
  report(key: string, able: boolean, nowMs: number): void {
    const member = this.#members.get(key);
    if (member === undefined) return;
    const silent = nowMs - member.heardMs > SILENT_MS;
    member.heardMs = nowMs;
    if (member.able === able && !silent) return;
    member.able = able;
    this.#fetchers = undefined;
  }

  /** Whether a member has all it wants; then it fetches nothing. */
  setComplete(key: string, complete: boolean): void {
    const member = this.#members.get(key);
    if (member === undefined || member.complete === complete) return;
    member.complete = complete;
    this.#fetchers = undefined;
  }

  /** A member claims pieces, or says that it is fetching them (`held`). */
  hear(key: string, pieces: readonly number[], held: boolean, nowMs: number): Contest {
    const member = this.#members.get(key);
    if (member === undefined || !this.trust.trusts(member.ip, nowMs)) return UNCONTESTED;
    const yielded: number[] = [];
    const defended: number[] = [];
    for (const piece of pieces) {
      if (!member.claims.has(piece) && member.claims.size >= CLAIMS_PER_MEMBER_MAX) continue;
      const outcome = this.#contest(member, piece, held, nowMs);
      if (outcome === 'defended') defended.push(piece);
      if (outcome === 'defended' || outcome === 'kept') continue;
      this.#lease(member, piece, nowMs);
      if (outcome === 'yielded') yielded.push(piece);
    }
    for (const piece of yielded) this.#yield(member, piece, nowMs);
    return { yielded, defended };
  }

  /** A member gives pieces back unfetched. */
  hearRelease(key: string, pieces: readonly number[]): void {
    const member = this.#members.get(key);
    if (member === undefined) return;
    for (const piece of pieces) this.#drop(member, piece);
  }

  /** Somebody has the piece: claims on it are over. */
  arrived(piece: number): void {
    this.#holders.delete(piece);
    this.#lostOnce.delete(piece);
    for (const each of this.#members.values()) this.#drop(each, piece);
  }

  /** Another member's claim keeps us from the piece. */
  isTaken(piece: number, nowMs: number): boolean {
    const holder = this.#holders.get(piece);
    return holder !== undefined && this.#isLive(holder.claims.get(piece), nowMs);
  }

  /** Claims a piece for ourselves, to be fetched from `via`; `isSettled` tells when. */
  take(piece: number, via: string, nowMs: number): OwnClaim {
    const claim = { piece, via, sinceMs: nowMs };
    this.#own.set(piece, claim);
    return claim;
  }

  /** Ours no more: fetched, or given back. */
  give(piece: number): boolean {
    return this.#own.delete(piece);
  }

  /** Nobody will contest it any more. At once when we are first in rank: every rule would decide for us. */
  isSettled(claim: OwnClaim, nowMs: number): boolean {
    return this.#members.size === 0 || nowMs - claim.sinceMs >= SETTLE_MS || this.isFirst(claim.piece, nowMs);
  }

  /** We fetch, as it stands. Members that cannot, or are silent, or have everything, are passed over. */
  isFetcher(nowMs: number): boolean {
    return this.#current(nowMs).includes(this.#options.self);
  }

  fetcherCount(nowMs: number): number {
    return this.#current(nowMs).length;
  }

  /** Of those who fetch, we are the one for this piece. */
  isFirst(piece: number, nowMs: number): boolean {
    const own = rendezvousScore(this.#options.self, piece);
    if (this.#fetchers === undefined) this.#current(nowMs);
    for (const name of this.#dividers) {
      if (name !== this.#options.self && rendezvousScore(name, piece) > own) return false;
    }
    return true;
  }

  /** So many more may fetch, because those whose turn it is get nowhere. */
  widen(extra: number): void {
    if (extra === this.#extraFetchers) return;
    this.#extraFetchers = extra;
    this.#fetchers = undefined;
  }

  /** Whether we ourselves can fetch. */
  setAble(able: boolean): void {
    if (able === this.#selfAble) return;
    this.#selfAble = able;
    this.#fetchers = undefined;
  }

  /** Whose claim keeps us from the piece has kept us waiting for nothing. */
  blameHolder(piece: number, nowMs: number): void {
    const holder = this.#holders.get(piece);
    if (holder !== undefined) this.blame(holder.ip, nowMs);
  }

  /** A small fault, that may also be bad luck; several are blame. */
  strike(ip: string, nowMs: number): void {
    if (this.trust.strike(ip, nowMs)) this.#disbelieve(ip);
  }

  /** Nobody there is believed for a while: neither in what they claim, nor that it is their turn. */
  blame(ip: string, nowMs: number): void {
    this.trust.blame(ip, nowMs);
    this.#disbelieve(ip);
  }

  /** Ends what has run out; to be called about once a second. */
  expire(nowMs: number): void {
    for (const member of this.#members.values()) {
      for (const [piece, lease] of member.claims) {
        if (this.#isLive(lease, nowMs)) continue;
        // Who lost a contest, and did not say so, has kept nobody waiting.
        const keptWaiting = this.#holders.get(piece) === member;
        this.#drop(member, piece);
        if (keptWaiting) this.strike(member.ip, nowMs);
      }
    }
    // Who has fallen silent is noticed here.
    this.#fetchers = undefined;
  }

  #contest(
    member: Member,
    piece: number,
    held: boolean,
    nowMs: number,
  ): 'uncontested' | 'yielded' | 'defended' | 'kept' {
    const own = this.#own.get(piece);
    if (own === undefined) return 'uncontested';
    const settled = nowMs - own.sinceMs >= SETTLE_MS;
    // Nothing is said: if it has lost this one before, too, the two would contradict each other for ever.
    if (this.#lostOnce.has(piece)) return 'kept';
    if (settled !== held) return settled ? 'defended' : 'yielded';
    const wins = rendezvousScore(this.#options.self, piece) >= rendezvousScore(member.name, piece);
    return wins ? 'defended' : 'yielded';
  }

  /** Ours gives way. To have been fetching it, and to lose it, is rare; who causes it often means no good. */
  #yield(member: Member, piece: number, nowMs: number): void {
    const own = this.#own.get(piece);
    this.#own.delete(piece);
    if (own === undefined || nowMs - own.sinceMs < SETTLE_MS) return;
    this.#lostOnce.add(piece);
    this.strike(member.ip, nowMs);
  }

  #lease(member: Member, piece: number, nowMs: number): void {
    const known = member.claims.get(piece);
    if (known === undefined) member.claims.set(piece, { sinceMs: nowMs, renewedMs: nowMs });
    else known.renewedMs = nowMs;
    const holder = this.#holders.get(piece);
    const stands =
      holder !== undefined &&
      this.#isLive(holder.claims.get(piece), nowMs) &&
      rendezvousScore(member.name, piece) <= rendezvousScore(holder.name, piece);
    if (!stands) this.#holders.set(piece, member);
  }

  #isLive(lease: Lease | undefined, nowMs: number): boolean {
    if (lease === undefined) return false;
    return nowMs - lease.renewedMs < LEASE_MS && nowMs - lease.sinceMs < this.#holdMaxMs;
  }

  /** If others claim it too, the best of them holds it from now on. */
  #drop(member: Member, piece: number): void {
    member.claims.delete(piece);
    if (this.#holders.get(piece) !== member) return;
    this.#holders.delete(piece);
    let next: Member | undefined;
    for (const other of this.#members.values()) {
      if (!other.claims.has(piece)) continue;
      if (next === undefined || rendezvousScore(other.name, piece) > rendezvousScore(next.name, piece))
        next = other;
    }
    if (next !== undefined) this.#holders.set(piece, next);
  }

  #dropAll(member: Member): void {
    for (const piece of member.claims.keys()) this.#drop(member, piece);
  }

  #disbelieve(ip: string): void {
    for (const member of this.#members.values()) if (member.ip === ip) this.#dropAll(member);
    this.#fetchers = undefined;
  }

  #current(nowMs: number): readonly number[] {
    this.#fetchers ??= this.#rank(nowMs);
    return this.#fetchers;
  }

  #rank(nowMs: number): number[] {
    const { self, salt, fetchersMax } = this.#options;
    const able: number[] = [];
    /** Whose turn it is, and who does nothing, gets no share of the pieces once that has been noticed. */
    const idle = new Set<number>();
    for (const member of this.#members.values()) {
      const counts = member.able && !member.complete && this.trust.trusts(member.ip, nowMs);
      if (!counts || nowMs - member.heardMs > SILENT_MS) continue;
      able.push(member.name);
      if (this.#extraFetchers > 0 && member.claims.size === 0) idle.add(member.name);
    }
    if (this.#selfAble || able.length === 0) able.push(self);
    able.sort((a, b) => rendezvousScore(b, salt) - rendezvousScore(a, salt));
    const fetchers = able.slice(0, fetchersMax + this.#extraFetchers);
    this.#dividers = fetchers.filter((name) => !idle.has(name));
    return fetchers;
  }
}

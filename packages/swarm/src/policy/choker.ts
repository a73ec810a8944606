/*
 * Whom to serve. In a fleet everybody is on the same side, so the default is to share: whoever is interested is served while there
 * are slots, and when there are more than slots, three quarters of them go to those who make best use of the bandwidth and the
 * rest goes round, longest wait first. In an open swarm `tit-for-tat` (BEP 3) gives slots to those who give most, plus one chosen
 * by chance every third round, newcomers three times as likely.
 */

/** A peer, as far as the decision goes. Rates in bytes per second; `downRate` is what it gives us, `upRate` what it takes. */
export interface ChokerPeer {
  readonly id: string;
  readonly interested: boolean;
  readonly snubbed: boolean;
  readonly downRate: number;
  readonly upRate: number;
  /** Undefined while choked. */
  readonly unchokedSinceMs: number | undefined;
  /** When it was last choked after having been served; undefined when it never was. */
  readonly lastUnchokedMs: number | undefined;
  readonly connectedAtMs: number;
  readonly optimistic: boolean;
}

export interface ChokerOptions {
  readonly policy: 'share' | 'tit-for-tat';
  readonly slots: number;
  /** We have everything: what peers give us says nothing, what they take does. */
  readonly seeding: boolean;
  readonly nowMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

export interface UnchokeDecision {
  readonly unchoked: ReadonlySet<string>;
  /** Those of them that were chosen by chance; they are told back at the next decision. */
  readonly optimistic: ReadonlySet<string>;
}

/** A peer in a slot keeps it against another that is less than this much better. */
const HYSTERESIS = 1.25;
/** An optimistic choice is given this long to prove itself, BEP 3. */
const OPTIMISTIC_MS = 30_000;
/** Connected for less than this counts as new. */
const NEWCOMER_MS = 60_000;
const NEWCOMER_WEIGHT = 3;

export function decideUnchokes(peers: readonly ChokerPeer[], options: ChokerOptions): UnchokeDecision {
  const interested = peers.filter((peer) => peer.interested);
  if (interested.length <= options.slots && options.policy === 'share') {
    return { unchoked: new Set(interested.map(({ id }) => id)), optimistic: new Set() };
  }
  return options.policy === 'share' ? share(interested, options) : titForTat(interested, options);
}

function share(interested: readonly ChokerPeer[], options: ChokerOptions): UnchokeDecision {
  const earned = options.slots - Math.max(1, Math.floor(options.slots / 4));
  const best = byMerit(interested, options).slice(0, earned);
  const rest = interested.filter((peer) => !best.includes(peer));
  const turns = rest.sort((a, b) => waitingSince(a) - waitingSince(b)).slice(0, options.slots - best.length);
  return { unchoked: new Set([...best, ...turns].map(({ id }) => id)), optimistic: new Set() };
}

function titForTat(interested: readonly ChokerPeer[], options: ChokerOptions): UnchokeDecision {
  const earned = Math.max(1, options.slots - 1);
  const best = byMerit(interested, options).slice(0, earned);
  const rest = interested.filter((peer) => !best.includes(peer));
  const chance = options.slots > 1 ? optimisticOf(rest, options) : undefined;
  const chosen = chance === undefined ? best : [...best, chance];
  return {
    unchoked: new Set(chosen.map(({ id }) => id)),
    optimistic: new Set(chance === undefined ? [] : [chance.id]),
  };
}

/** Best first; who has a slot keeps it against those who are hardly better. */
function byMerit(peers: readonly ChokerPeer[], { seeding, policy }: ChokerOptions): ChokerPeer[] {
  const merit = (peer: ChokerPeer): number => {
    if (peer.snubbed && !seeding && policy === 'tit-for-tat') return -1;
    const rate = seeding ? peer.upRate : peer.downRate;
    return peer.unchokedSinceMs === undefined ? rate : rate * HYSTERESIS;
  };
  return peers.toSorted((a, b) => merit(b) - merit(a) || waitingSince(a) - waitingSince(b));
}

/** The one that still has its time, or a new one by chance. */
function optimisticOf(rest: readonly ChokerPeer[], { nowMs, random }: ChokerOptions): ChokerPeer | undefined {
  const current = rest.find((peer) => peer.optimistic && nowMs - (peer.unchokedSinceMs ?? nowMs) < OPTIMISTIC_MS);
  if (current !== undefined) return current;
  const weights = rest.map((peer) => (nowMs - peer.connectedAtMs < NEWCOMER_MS ? NEWCOMER_WEIGHT : 1));
  let at = random() * weights.reduce((sum, weight) => sum + weight, 0);
  return rest.find((_, index) => (at -= weights[index]!) < 0);
}

/** Since when it has had nothing; who was never served has waited since it came, and longest of all. */
function waitingSince({ lastUnchokedMs, unchokedSinceMs, connectedAtMs }: ChokerPeer): number {
  return unchokedSinceMs ?? lastUnchokedMs ?? connectedAtMs - 1e12;
}

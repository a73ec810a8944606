/**
 * Whom to serve. There are two ways, see `EngineOptions.chokePolicy`.
 *
 * `share`: everybody who is interested, as far as the slots reach. When they do not reach, half of them go to the best (those who
 * give us most; once we seed, those who take fastest and so spread the payload soonest), and the other half goes round, so that
 * everybody is served.
 *
 * `tit-for-tat`: BEP 3. Slots go to the best; one, and those that nobody has earned, are optimistic: given by chance for 30 s,
 * to newcomers three times as likely. Who has not sent anything for long although asked (snubbed) earns nothing.
 *
 * Rates of peers that are served now count a little more than they are: equals must not take turns at each round.
 */

/** What the choker looks at of a peer. */
export interface ChokerPeer<Id = string> {
  readonly id: Id;
  /** In what we have. */
  readonly interested: boolean;
  /** Was asked for blocks and has sent none for long. */
  readonly snubbed: boolean;
  /** Bytes per second from it to us. */
  readonly downRate: number;
  /** Bytes per second from us to it. */
  readonly upRate: number;
  /** Since when it is unchoked; absent while it is choked. */
  readonly unchokedSinceMs: number | undefined;
  /** When it was last choked after having been served; absent when it never was served. */
  readonly lastUnchokedMs: number | undefined;
  readonly connectedAtMs: number;
  /** Unchoked by chance, as the last decision said. */
  readonly optimistic: boolean;
  /** Has everything or wants nothing (`upload_only`); absent means no. */
  readonly seed?: boolean;
}

export interface ChokerOptions {
  readonly policy: 'share' | 'tit-for-tat';
  /** Interested peers served at once. */
  readonly slots: number;
  /** We have everything that we want. */
  readonly seeding: boolean;
  readonly nowMs: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Who is to be unchoked (everybody else is to be choked), and who of them by chance. */
export interface UnchokeDecision<Id = string> {
  readonly unchoked: ReadonlySet<Id>;
  readonly optimistic: ReadonlySet<Id>;
}

/** How long a slot that goes round, or an optimistic one, is kept: three rounds, enough to get a TCP connection up to speed. */
const TURN_MS = 30_000;
/** By this much another must be better to replace one who is served. */
const HYSTERESIS = 1.2;
/** Connected for less: a newcomer. */
const NEWCOMER_MS = 60_000;
const NEWCOMER_WEIGHT = 3;

/** To be asked every 10 s, BEP 3's round. */
export function decideUnchokes<Id>(
  peers: readonly ChokerPeer<Id>[],
  options: ChokerOptions,
): UnchokeDecision<Id> {
  return options.policy === 'share' ? share(peers, options) : titForTat(peers, options);
}

function share<Id>(peers: readonly ChokerPeer<Id>[], options: ChokerOptions): UnchokeDecision<Id> {
  const interested = peers.filter((peer) => peer.interested);
  if (interested.length <= options.slots) return decisionOf(interested, []);
  const best = byMerit(interested, options).slice(0, Math.floor(options.slots / 2));
  const others = interested.filter((peer) => !best.includes(peer));
  const inTurn = byTurn(others, options.nowMs).slice(0, options.slots - best.length);
  return decisionOf([...best, ...inTurn], []);
}

function titForTat<Id>(peers: readonly ChokerPeer<Id>[], options: ChokerOptions): UnchokeDecision<Id> {
  const earned = byMerit(
    peers.filter((peer) => peer.seed !== true),
    options,
  );
  const regular: ChokerPeer<Id>[] = [];
  let left = Math.max(0, options.slots - 1);
  for (const peer of earned) {
    // BEP 3: better ones that want nothing are unchoked too, so that they can begin at once; they take no slot.
    if (peer.interested && left-- === 0) break;
    regular.push(peer);
  }
  const takers = regular.filter((peer) => peer.interested).length;
  const others = peers.filter((peer) => peer.interested && !regular.includes(peer));
  const optimistic = chooseOptimistic(others, options.slots - takers, options);
  return decisionOf([...regular, ...optimistic], optimistic);
}

/** Who deserves a slot, the best first. */
function byMerit<Id>(peers: readonly ChokerPeer<Id>[], { seeding }: ChokerOptions): ChokerPeer<Id>[] {
  const merit = (peer: ChokerPeer<Id>): number => {
    if (!seeding && peer.snubbed) return 0;
    return (seeding ? peer.upRate : peer.downRate) * (peer.unchokedSinceMs === undefined ? 1 : HYSTERESIS);
  };
  return peers.filter((peer) => merit(peer) > 0).sort((a, b) => merit(b) - merit(a));
}

/** First those in the middle of their turn, then the choked who have waited longest, then those whose turn is over. */
function byTurn<Id>(peers: readonly ChokerPeer<Id>[], nowMs: number): ChokerPeer<Id>[] {
  const served = peers.filter((peer) => peer.unchokedSinceMs !== undefined);
  const inTurn = served.filter((peer) => !isTurnOver(peer, nowMs));
  const turnOver = served.filter((peer) => isTurnOver(peer, nowMs));
  const choked = peers.filter((peer) => peer.unchokedSinceMs === undefined);
  return [...inTurn, ...choked.sort(byWaiting), ...turnOver.sort(byTurnBegun)];
}

/** Never served comes before served long ago; among those never served, connected first comes first. */
function byWaiting<Id>(a: ChokerPeer<Id>, b: ChokerPeer<Id>): number {
  const aServed = a.lastUnchokedMs !== undefined;
  const bServed = b.lastUnchokedMs !== undefined;
  if (aServed !== bServed) return aServed ? 1 : -1;
  return (a.lastUnchokedMs ?? a.connectedAtMs) - (b.lastUnchokedMs ?? b.connectedAtMs);
}

/** The latest first: it has had least. */
function byTurnBegun<Id>(a: ChokerPeer<Id>, b: ChokerPeer<Id>): number {
  return (b.unchokedSinceMs ?? 0) - (a.unchokedSinceMs ?? 0);
}

function isTurnOver<Id>(peer: ChokerPeer<Id>, nowMs: number): boolean {
  return peer.unchokedSinceMs !== undefined && nowMs - peer.unchokedSinceMs >= TURN_MS;
}

/** Those whose turn goes on stay; the rest is drawn, those whose turn is over only when nobody else is left. */
function chooseOptimistic<Id>(
  peers: readonly ChokerPeer<Id>[],
  count: number,
  { nowMs, random }: ChokerOptions,
): ChokerPeer<Id>[] {
  const staying = peers.filter((peer) => peer.optimistic && !isTurnOver(peer, nowMs)).slice(0, count);
  const waiting = peers.filter((peer) => !peer.optimistic);
  const drawn = draw(waiting, count - staying.length, nowMs, random);
  const again = peers.filter((peer) => peer.optimistic && isTurnOver(peer, nowMs)).sort(byTurnBegun);
  return [...staying, ...drawn, ...again].slice(0, count);
}

/** Draws without putting back, newcomers with more weight. */
function draw<Id>(
  peers: readonly ChokerPeer<Id>[],
  count: number,
  nowMs: number,
  random: () => number,
): ChokerPeer<Id>[] {
  const lots = peers.map((peer) => {
    const weight = nowMs - peer.connectedAtMs < NEWCOMER_MS ? NEWCOMER_WEIGHT : 1;
    // Efraimidis and Spirakis: the largest of u^(1/w) are a sample with weights w.
    return { peer, lot: random() ** (1 / weight) };
  });
  return lots
    .sort((a, b) => b.lot - a.lot)
    .slice(0, Math.max(0, count))
    .map(({ peer }) => peer);
}

function decisionOf<Id>(
  unchoked: readonly ChokerPeer<Id>[],
  optimistic: readonly ChokerPeer<Id>[],
): UnchokeDecision<Id> {
  return {
    unchoked: new Set(unchoked.map(({ id }) => id)),
    optimistic: new Set(optimistic.map(({ id }) => id)),
  };
}

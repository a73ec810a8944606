/**
 * Every limit there is, one tree for each direction:
 *
 *     engine -- site ------------------ torrent -- peer
 *            \- outside --- near ------ torrent -- peer
 *                        \- wan ------- torrent -- peer
 *
 * `outside` is what leaves the site: near and far sites together. A torrent has a node under each class, and its own limit is one
 * bucket that all its nodes share; likewise our share of the site's WAN budget stands beside `outside`, so that it and a limit that
 * somebody set do not overwrite each other. Bandwidth is divided fairly among classes, then torrents, then peers.
 *
 * Any limit may be a schedule; all may change at any time and are in force on existing connections at once.
 */
import type { Clock } from '../ports/clock.ts';
import type { PeerClass } from '../sites/peer-class.ts';
import { BandwidthQueue } from './bandwidth-queue.ts';
import type { LimitedClass, Rate, RateLimits } from './rate-limits.ts';
import { RateLimiter } from './rate-limiter.ts';
import { Timetable } from './timetable.ts';

export type Direction = 'down' | 'up';

export interface LimiterTreeParts {
  readonly clock: Clock;
  /** Some limit changed: existing connections are to look at their limiters again. */
  readonly changed: () => void;
}

export class LimiterTree {
  readonly queues: Readonly<Record<Direction, BandwidthQueue>>;
  readonly #parts: LimiterTreeParts;
  readonly #timetable: Timetable;
  readonly #engine = newPair();
  readonly #background = newPair();
  readonly #wanShare = newPair(undefined, this.#background);
  readonly #classes: Readonly<Record<LimitedClass, LimiterPair>>;

  constructor(parts: LimiterTreeParts) {
    this.#parts = parts;
    const { clock } = parts;
    this.#timetable = new Timetable(clock);
    const queue = {
      nowMs: () => clock.nowMs(),
      schedule: (delayMs: number, task: () => void) => clock.schedule(delayMs, task),
    };
    this.queues = { down: new BandwidthQueue(queue), up: new BandwidthQueue(queue) };
    const outside = newPair(this.#engine, this.#wanShare);
    this.#classes = {
      site: newPair(this.#engine),
      outside,
      near: newPair(outside),
      wan: newPair(outside),
    };
  }

  /** Limits over everything. */
  setEngine(limits: RateLimits): void {
    this.#set(this.#engine, limits);
  }

  /** Limits of a class over all torrents. */
  setClass(limited: LimitedClass, limits: RateLimits): void {
    this.#set(this.#classes[limited], limits);
  }

  /** Our share of the site's WAN budget, in TCP payload bytes: see `sites/wan-budget.ts`. */
  setWanShare(limits: RateLimits): void {
    this.#set(this.#wanShare, limits);
  }

  /** What traffic to other sites may take while it is in the background, see `policy/background-rate.ts`. */
  setBackground(limits: RateLimits): void {
    this.#set(this.#background, limits);
  }

  /** Bytes of TCP streams that passed to or from other sites while that was limited. */
  backgroundUse(direction: Direction): number {
    return this.#background[direction].takeUse().passedBytes;
  }

  /** How our share of the WAN budget is used; see `RateLimiter.takeUse`. */
  wanUse(direction: Direction): { readonly passedBytes: number; readonly ranDry: boolean } {
    return this.#wanShare[direction].takeUse();
  }

  /** A torrent's place; `release` it when the torrent goes. */
  addTorrent(limits: RateLimits = {}): TorrentLimiters {
    const set = (pair: LimiterPair, limits: RateLimits): void => this.#set(pair, limits);
    const forget = (pair: LimiterPair): void => this.#forget(pair);
    return new TorrentLimiters(this.#classes, limits, { set, forget });
  }

  /** Ends every timer; limits stay as they are. */
  close(): void {
    this.#timetable.close();
  }

  #set(pair: LimiterPair, { downBytesPerSecond, upBytesPerSecond }: RateLimits): void {
    this.#follow(pair.down, downBytesPerSecond);
    this.#follow(pair.up, upBytesPerSecond);
  }

  #follow(limiter: RateLimiter, rate: Rate | undefined): void {
    this.#timetable.follow(limiter, rate ?? Infinity, (bytesPerSecond) => {
      limiter.setRate(bytesPerSecond, this.#parts.clock.nowMs());
      this.queues.down.ratesChanged();
      this.queues.up.ratesChanged();
      this.#parts.changed();
    });
  }

  #forget(pair: LimiterPair): void {
    this.#timetable.forget(pair.down);
    this.#timetable.forget(pair.up);
  }
}

interface LimiterSetter {
  readonly set: (pair: LimiterPair, limits: RateLimits) => void;
  readonly forget: (pair: LimiterPair) => void;
}

/** A torrent's nodes, one under each class, and the limit that they share. */
export class TorrentLimiters {
  readonly #setter: LimiterSetter;
  readonly #bucket = newPair();
  readonly #nodes: Readonly<Record<PeerClass, LimiterPair>>;

  constructor(classes: Readonly<Record<PeerClass, LimiterPair>>, limits: RateLimits, setter: LimiterSetter) {
    this.#setter = setter;
    this.#nodes = {
      site: newPair(classes.site, this.#bucket),
      near: newPair(classes.near, this.#bucket),
      wan: newPair(classes.wan, this.#bucket),
    };
    this.setLimits(limits);
  }

  /** Limits of the torrent over all classes. */
  setLimits(limits: RateLimits): void {
    this.#setter.set(this.#bucket, limits);
  }

  /** A new connection's place; `release` it when the connection ends or changes its class. */
  addPeer(peerClass: PeerClass, limits?: RateLimits): PeerLimiters {
    return new PeerLimiters(peerClass, this.#nodes[peerClass], limits, this.#setter);
  }

  release(): void {
    this.#setter.forget(this.#bucket);
  }
}

/** One connection's place in both trees. A connection that changes its class gets another. */
export class PeerLimiters implements LimiterPair {
  readonly peerClass: PeerClass;
  readonly down: RateLimiter;
  readonly up: RateLimiter;
  readonly #setter: LimiterSetter;
  #limits: RateLimits | undefined;

  constructor(
    peerClass: PeerClass,
    above: LimiterPair,
    limits: RateLimits | undefined,
    setter: LimiterSetter,
  ) {
    this.peerClass = peerClass;
    this.#setter = setter;
    const { down, up } = newPair(above);
    this.down = down;
    this.up = up;
    down.countUser(1);
    up.countUser(1);
    if (limits !== undefined) this.setLimits(limits);
  }

  /** What `setLimits` set; undefined for most. */
  get limits(): RateLimits | undefined {
    return this.#limits;
  }

  /** Limits of this connection alone. */
  setLimits(limits: RateLimits): void {
    this.#limits = limits;
    this.#setter.set(this, limits);
  }

  release(): void {
    this.down.countUser(-1);
    this.up.countUser(-1);
    this.#setter.forget(this);
  }
}

type LimiterPair = Readonly<Record<Direction, RateLimiter>>;

function newPair(above?: LimiterPair, beside?: LimiterPair): LimiterPair {
  return {
    down: new RateLimiter(above?.down, Infinity, beside?.down),
    up: new RateLimiter(above?.up, Infinity, beside?.up),
  };
}

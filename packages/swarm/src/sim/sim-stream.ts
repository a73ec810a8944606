import type { PeerAddress } from '@brine/wire';

import type { ByteStream, StreamFailure, StreamSink } from '../ports/network.ts';
import { Fifo } from './fifo.ts';
import { Flow } from './flow.ts';
import type { Route, Segment, Transit } from './flow.ts';

/** Where a stream ends: the host that forgets it, and the ways to the other side and back. */
export interface StreamSetting {
  readonly transit: Transit;
  readonly route: Route;
  readonly remote: PeerAddress;
  readonly local: PeerAddress | undefined;
  readonly forget: (stream: SimStream) => void;
}

/**
 * One end of a simulated connection. Every call of the sink happens in an event of the clock, hence never inside a call of the
 * owner's; what arrives before `open`, or beyond `allowReading`, waits and keeps the sender's window shut.
 */
export class SimStream implements ByteStream {
  readonly remote: PeerAddress;
  readonly #setting: StreamSetting;
  readonly #flow: Flow;
  readonly #arrived = new Fifo<Segment>();
  #local: PeerAddress | undefined;
  #other: SimStream | undefined;
  #sink: StreamSink | undefined;
  #state: 'connecting' | 'established' | 'closing' | 'closed' = 'connecting';
  #connectedUntold = false;
  #readingBudget = Infinity;
  /** Bytes of the first segment that were read already. */
  #readOfFirst = 0;
  #delivering = false;

  constructor(setting: StreamSetting) {
    this.#setting = setting;
    this.remote = setting.remote;
    this.#local = setting.local;
    this.#flow = new Flow(setting.transit, setting.route, {
      arrived: (segment) => this.#passOn(segment),
      gaveUp: (failure) => this.fail(failure),
    });
  }

  get local(): PeerAddress | undefined {
    return this.#local;
  }

  get unsentBytes(): number {
    return this.#flow.unsentBytes;
  }

  get latencyMs(): number {
    return this.#setting.route.latencyMs;
  }

  /** Gone: closed by either side, or its process or host is no more. */
  get gone(): boolean {
    return this.#state === 'closed';
  }

  open(sink: StreamSink): void {
    if (this.#sink !== undefined) throw new Error('a stream is opened once');
    this.#sink = sink;
    this.#soon(() => {
      if (this.#connectedUntold) this.#tellConnected();
      this.#deliver();
    });
  }

  write(bytes: Uint8Array, flushed?: () => void): void {
    if (this.#state === 'connecting' || this.#state === 'established') this.#flow.write(bytes, flushed);
    else if (flushed !== undefined) this.#soon(flushed);
  }

  allowReading(bytes: number): void {
    this.#readingBudget = bytes;
    if (this.#arrived.length > 0 && !this.#delivering) this.#soon(() => this.#deliver());
  }

  close(): void {
    if (this.#state === 'connecting') this.abort();
    if (this.#state !== 'established') return;
    this.#state = 'closing';
    this.#flow.end();
    this.#soon(() => this.#deliver());
  }

  abort(): void {
    if (this.gone) return;
    this.#resetOther();
    const flushes = this.#vanish();
    this.#soon(() => {
      for (const flushed of flushes) flushed();
      this.#sink?.closed();
    });
  }

  /** Pairs the two ends. The flow of each starts when that end is established. */
  pairWith(other: SimStream): void {
    this.#other = other;
  }

  establish(local: PeerAddress): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'established';
    this.#local = local;
    this.#flow.start();
  }

  /** As `establish`, for the side that called: its sink hears of it. */
  connect(local: PeerAddress): void {
    this.establish(local);
    this.#connectedUntold = true;
    if (this.#sink !== undefined) this.#tellConnected();
  }

  /** The network ends the connection at this side. */
  fail(failure: StreamFailure): void {
    this.#finish(failure);
  }

  /** Both sides lose the connection, as after a router's restart. */
  break(): void {
    this.#resetOther();
    this.#finish(RESET);
  }

  /** The process, or the whole host, is gone: no more calls of the sink. The other side is told if a kernel is left to tell it. */
  orphan(tellOther: boolean): void {
    if (this.gone) return;
    if (tellOther) this.#resetOther();
    this.#vanish();
  }

  /** Reachability has changed. */
  recheck(): void {
    this.#flow.recheck();
  }

  /** A segment of the other side's, in order. */
  receive(segment: Segment): void {
    if (this.gone) {
      this.#release(segment);
      this.#resetOther();
      return;
    }
    if (this.#arrived.length > 0 || !this.#takesAll || segment.fin) {
      this.#arrived.push(segment);
      this.#deliver();
      return;
    }
    const view = segment.bytes;
    this.#sink!.received(view);
    if (this.#setting.transit.transport.overwrite) view.fill(OVERWRITTEN);
    this.#release(segment);
  }

  /** The usual case: the owner listens, and without bound. */
  get #takesAll(): boolean {
    return this.#state === 'established' && this.#sink !== undefined && this.#readingBudget === Infinity;
  }

  #passOn(segment: Segment): void {
    if (this.#other === undefined) throw new Error('a segment without a receiver');
    this.#other.receive(segment);
  }

  #tellConnected(): void {
    this.#connectedUntold = false;
    if (this.#state === 'established') this.#sink?.connected();
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let segment = this.#readable(); segment !== undefined; segment = this.#readable()) {
      if (this.#state === 'established') this.#deliverPart(segment);
      else this.#readOfFirst = segment.length;
      if (this.gone) break;
      if (this.#readOfFirst < segment.length) continue;
      this.#arrived.shift();
      this.#readOfFirst = 0;
      this.#release(segment);
      if (segment.fin) this.#remoteEnded();
    }
    this.#delivering = false;
  }

  /** The first segment, if it may be looked at: what a closing stream still gets is thrown away, a bare end is always noticed. */
  #readable(): Segment | undefined {
    const segment = this.#arrived.first();
    if (segment === undefined || this.gone) return undefined;
    if (this.#state === 'closing') return segment;
    if (this.#sink === undefined) return undefined;
    return this.#readingBudget > 0 || segment.length === this.#readOfFirst ? segment : undefined;
  }

  #deliverPart(segment: Segment): void {
    const count = Math.min(segment.length - this.#readOfFirst, this.#readingBudget);
    if (count === 0) return;
    const view = segment.slab.subarray(this.#readOfFirst, this.#readOfFirst + count);
    this.#readingBudget -= count;
    this.#readOfFirst += count;
    this.#sink?.received(view);
    if (this.#setting.transit.transport.overwrite) view.fill(OVERWRITTEN);
  }

  #release(segment: Segment): void {
    segment.flow.credit(segment.length);
    if (!segment.lent) this.#setting.transit.slabs.giveBack(segment.slab);
  }

  #remoteEnded(): void {
    this.#atOther((other) => other.#finish(undefined));
    this.#finish(undefined);
  }

  #resetOther(): void {
    this.#atOther((other) => other.#finish(RESET));
  }

  /** Does something at the other end, one latency later, if the hosts reach each other then. */
  #atOther(task: (other: SimStream) => void): void {
    const other = this.#other;
    if (other === undefined) return;
    this.#setting.transit.clock.schedule(this.#setting.route.latencyMs, () => {
      if (this.#setting.route.open()) task(other);
    });
  }

  #finish(failure: StreamFailure | undefined): void {
    if (this.gone) return;
    for (const flushed of this.#vanish()) flushed();
    this.#sink?.closed(failure);
  }

  /** Returns what waited to be flushed. */
  #vanish(): readonly (() => void)[] {
    this.#state = 'closed';
    const flushes = this.#flow.stop();
    for (let segment = this.#arrived.shift(); segment !== undefined; segment = this.#arrived.shift()) {
      this.#release(segment);
    }
    this.#setting.forget(this);
    return flushes;
  }

  #soon(task: () => void): void {
    this.#setting.transit.clock.after(0, { happen: task });
  }
}

const RESET: StreamFailure = { code: 'ECONNRESET', message: 'connection reset by peer' };
const OVERWRITTEN = 0xdd;

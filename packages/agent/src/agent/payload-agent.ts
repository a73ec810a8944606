import { rm, statfs } from 'node:fs/promises';
import { hostname } from 'node:os';

import { ServiceError } from '@brine/control-http';
import type {
  EngineView,
  LimitSettings,
  LimitsView,
  NamedOrder,
  OnlyOutcome,
  PayloadDetails,
  PayloadOrder,
  PayloadService,
  PayloadStatus,
  PutOutcome,
  ServiceEvent,
  SiteView,
  SpaceView,
} from '@brine/control-http';
import type { Engine, RateLimits } from '@brine/swarm';
import type { Logger } from 'pino';

import { formatAddress } from '../address-argument.ts';
import { EngineTorrents } from './engine-torrents.ts';
import type { OrderBook } from './orders/order-book.ts';
import type { PayloadRecord, Removal } from './orders/payload-record.ts';
import { planOrders } from './orders/plan-orders.ts';
import type { OrderPlan, Records } from './orders/plan-orders.ts';
import { checkRates, readOrder } from './orders/read-order.ts';
import type { ReadOrder } from './orders/read-order.ts';
import type { Roots } from './orders/roots.ts';
import { detailsOf, statusOf, trafficOf, troubleOf } from './payload-status.ts';
import type { Known } from './payload-status.ts';
import { keepFiles } from './state/keep-file.ts';
import type { StateDirectory } from './state/state-directory.ts';

export interface PayloadAgentOptions {
  readonly engine: Engine;
  readonly book: OrderBook;
  readonly state: StateDirectory;
  readonly roots: Roots;
  readonly torrentRoots: Roots;
  /** Limits of the configuration. */
  readonly limits: LimitSettings;
  readonly version: string;
  readonly log: Logger;
}

/**
 * The agent's `PayloadService`. An order goes three steps: understood (nothing has changed yet), kept (on disk: from here on it is
 * answered), carried out (by itself, also after a crash). Orders are kept one after the other.
 */
export class PayloadAgent implements PayloadService {
  readonly #options: PayloadAgentOptions;
  readonly #torrents: EngineTorrents;
  readonly #listeners = new Set<(event: ServiceEvent) => void>();
  readonly #startedAt: string = new Date().toISOString();
  readonly #underWay = new Set<Removal>();
  #turn: Promise<unknown> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(options: PayloadAgentOptions) {
    this.#options = options;
    this.#torrents = new EngineTorrents(options);
    this.#tellOf(options.engine);
  }

  /** Goes on where the last process stopped. Resolves when the engine has everything. */
  async restore(): Promise<void> {
    const { payloads, limits } = this.#book.content;
    this.#applyLimits(limits ?? this.#options.limits);
    // Before what was ordered anew since.
    this.#carryOutRemovals();
    await Promise.all([...payloads.values()].map((record) => this.#torrents.start(record)));
  }

  async put(
    name: string,
    order: PayloadOrder,
    { mustBeNew = false }: { readonly mustBeNew?: boolean } = {},
  ): Promise<PutOutcome> {
    const read = await this.#read(name, order);
    return this.#inTurn(async () => {
      const { payloads } = this.#book.content;
      if (mustBeNew && payloads.has(name))
        throw new ServiceError('order-conflicts', `There is a payload "${name}" already.`);
      const record = merge(payloads.get(name), read);
      const outcome = await this.#order(new Map([...payloads, [name, record]]), [read]);
      return { outcome, payload: this.#status(record) };
    });
  }

  async only(orders: readonly NamedOrder[]): Promise<OnlyOutcome> {
    const reads: ReadOrder[] = [];
    for (const [at, { name, ...order }] of orders.entries())
      reads.push(await this.#read(name, order, `/payloads/${at}`));
    return this.#inTurn(async () => {
      const { payloads } = this.#book.content;
      const after = new Map(
        reads.map((read) => [read.record.name, merge(payloads.get(read.record.name), read)]),
      );
      const removed = [...payloads.keys()].filter((name) => !after.has(name));
      await this.#order(after, reads);
      return { payloads: this.list(), removed };
    });
  }

  list(): readonly PayloadStatus[] {
    return [...this.#book.content.payloads.values()]
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((record) => this.#status(record));
  }

  get(
    name: string,
    { filesMax = FILES_MAX }: { readonly filesMax?: number } = {},
  ): PayloadDetails | undefined {
    const record = this.#book.content.payloads.get(name);
    if (record === undefined) return undefined;
    const { infohash } = record;
    const { engine } = this.#options;
    const torrent = engine.torrent(infohash);
    const fileBytesDone = torrent === undefined ? [] : engine.fileBytesDone(infohash);
    const closer = { filesMax, fileBytesDone, map: engine.pieceMap(infohash) };
    return detailsOf(record, { ...this.#told(record), torrent }, closer);
  }

  async remove(name: string, { data }: { readonly data: boolean }): Promise<void> {
    await this.#inTurn(async () => {
      const after = new Map(this.#book.content.payloads);
      if (!after.delete(name)) throw unknown(name);
      await this.#order(after, [], { data });
    });
  }

  pause(name: string): Promise<PayloadStatus> {
    return this.#setPaused(name, true);
  }

  resume(name: string): Promise<PayloadStatus> {
    return this.#setPaused(name, false);
  }

  async setPayloadLimits(name: string, limits: RateLimits): Promise<PayloadStatus> {
    checkRates(limits, '');
    return this.#inTurn(async () => {
      const record = { ...this.#record(name), limits };
      await this.#order(new Map([...this.#book.content.payloads, [name, record]]), []);
      return this.#status(record);
    });
  }

  announce(name: string): PayloadStatus {
    const record = this.#record(name);
    if (this.#options.engine.torrentSummary(record.infohash) !== undefined)
      this.#options.engine.announce(record.infohash);
    return this.#status(record);
  }

  async verify(name: string): Promise<PayloadStatus> {
    const record = this.#record(name);
    const { engine, log } = this.#options;
    const torrent = engine.torrentSummary(record.infohash);
    const isOpen =
      torrent !== undefined && ['downloading', 'seeding', 'paused', 'waiting'].includes(torrent.phase);
    if (!isOpen)
      throw new ServiceError(
        'not-ready',
        `"${name}" is ${torrent?.phase ?? 'held'}; it is verified when its files are open.`,
      );
    engine
      .verify(record.infohash)
      .catch((error: unknown) => log.warn({ err: error, payload: name }, 'not verified'));
    return this.#status(record);
  }

  limits(): LimitsView {
    const { limits } = this.#book.content;
    return { ...(limits ?? this.#options.limits), source: limits === undefined ? 'configuration' : 'order' };
  }

  async setLimits(limits: LimitSettings | undefined): Promise<LimitsView> {
    for (const [scope, rates] of Object.entries(limits ?? {})) checkRates(rates, `/${scope}`);
    return this.#inTurn(async () => {
      await this.#keep({ limits });
      this.#applyLimits(limits ?? this.#options.limits);
      this.#tell({ type: 'limits-changed' });
      return this.limits();
    });
  }

  async space(path: string = this.#options.roots.first): Promise<SpaceView> {
    const { bsize, bavail, blocks } = await statfs(await this.#options.roots.existing(path, '/path'));
    return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  engine(): EngineView {
    const { engine, version, roots } = this.#options;
    const snapshot = engine.totals();
    const { downBytesPerSecond, upBytesPerSecond, downloadedBytes, uploadedBytes, wastedBytes } = snapshot;
    return {
      version,
      host: hostname(),
      roots: roots.all,
      startedAt: this.#startedAt,
      listening: snapshot.listening.map(formatAddress),
      payloads: this.#book.content.payloads.size,
      peers: snapshot.peerCount,
      downBytesPerSecond,
      upBytesPerSecond,
      downloadedBytes,
      uploadedBytes,
      wastedBytes,
      traffic: trafficOf(snapshot.byClass),
    };
  }

  site(): SiteView {
    const { engine } = this.#options;
    const { siteLabel, byClass } = engine.totals();
    let members = 0;
    const fetching: string[] = [];
    for (const { name, infohash } of this.#book.content.payloads.values()) {
      const site = engine.torrentSummary(infohash)?.site;
      members += site?.members ?? 0;
      if (site?.fetching === true) fetching.push(name);
    }
    const label = siteLabel === undefined ? {} : { label: siteLabel };
    return { ...label, traffic: trafficOf(byClass), members, fetching };
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** No orders from now on; resolves when the last one is kept. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#retry);
    this.#tell({ type: 'stopping' });
    await this.#turn.catch(() => undefined);
  }

  get #book(): OrderBook {
    return this.#options.book;
  }

  #read(name: string, order: PayloadOrder, at?: string): Promise<ReadOrder> {
    const { roots, torrentRoots } = this.#options;
    return readOrder(name, order, { roots, torrentRoots, orderedAt: new Date().toISOString() }, at);
  }

  /** Keeps a new set of orders and sets it going. */
  async #order(
    after: Records,
    reads: readonly ReadOrder[],
    options: { readonly data: boolean } = { data: true },
  ): Promise<PutOutcome['outcome']> {
    const { payloads, removals } = this.#book.content;
    const plan = planOrders(payloads, after);
    if (plan.additions.length + plan.updates.length + plan.removals.length === 0) return 'unchanged';
    // Content first: an order whose torrent file is missing could not be carried out.
    await this.#keepTorrents(plan, reads);
    await this.#keep({
      payloads: after,
      removals: [...removals, ...plan.removals.map((removal) => ({ ...removal, ...options }))],
    });
    this.#carryOut(plan, payloads, after);
    return after.size > payloads.size ? 'created' : 'changed';
  }

  #carryOut(plan: OrderPlan, before: Records, after: Records): void {
    this.#carryOutRemovals();
    for (const record of plan.additions) {
      void this.#torrents.start(record);
      this.#tell({ type: 'payload-ordered', name: record.name, infohash: record.infohash });
    }
    for (const { from, to } of plan.updates) void this.#torrents.update(from, to);
    for (const name of before.keys()) if (!after.has(name)) this.#tell({ type: 'payload-removed', name });
  }

  /** What fails is tried again, as long as it takes. */
  #carryOutRemovals(): void {
    for (const removal of this.#book.content.removals) {
      if (this.#underWay.has(removal)) continue;
      this.#underWay.add(removal);
      this.#torrents.remove(removal).then(
        () => this.#removed(removal),
        (error: unknown) => {
          this.#underWay.delete(removal);
          this.#options.log.warn({ err: error, infohash: removal.infohash }, 'not removed yet');
          if (!this.#stopping) this.#retryRemovals();
        },
      );
    }
  }

  #retryRemovals(): void {
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#carryOutRemovals();
    }, RETRY_MS);
  }

  /** It is gone, so it needs not be remembered. */
  #removed(removal: Removal): void {
    this.#inTurn(async () => {
      const { removals } = this.#book.content;
      await this.#book.keep({ removals: removals.filter((each) => each !== removal) });
      this.#underWay.delete(removal);
      const isWanted = this.#book.nameOf(removal.infohash) !== undefined;
      if (!isWanted) await rm(this.#options.state.torrent(removal.infohash), { force: true });
    }, 'always').catch((error: unknown) => this.#options.log.warn({ err: error }, 'a removal is not noted'));
  }

  async #setPaused(name: string, paused: boolean): Promise<PayloadStatus> {
    return this.#inTurn(async () => {
      const before = this.#record(name);
      const record = { ...before, paused };
      if (before.paused === paused && !paused) this.#tryAgain(record);
      await this.#order(new Map([...this.#book.content.payloads, [name, record]]), []);
      return this.#status(record);
    });
  }

  /** Resuming what is not paused: somebody has mended what it failed by. */
  #tryAgain(record: PayloadRecord): void {
    const torrent = this.#options.engine.torrentSummary(record.infohash);
    if (torrent === undefined) void this.#torrents.start(record);
    else if (torrent.phase === 'failed' || torrent.phase === 'waiting')
      this.#options.engine.resume(record.infohash);
  }

  async #keepTorrents(plan: OrderPlan, reads: readonly ReadOrder[]): Promise<void> {
    const added = new Set(plan.additions.map(({ infohash }) => infohash));
    const files = reads.flatMap(({ record, metainfo }) =>
      metainfo === undefined || !added.has(record.infohash)
        ? []
        : [[this.#options.state.torrent(record.infohash), metainfo] as const],
    );
    await keepFiles(this.#options.state.torrents, files).catch(unwritable);
  }

  async #keep(change: Parameters<OrderBook['keep']>[0]): Promise<void> {
    await this.#book.keep(change).catch(unwritable);
  }

  #applyLimits({ total = {}, outside = {}, site = {}, near = {}, wan = {} }: LimitSettings): void {
    const { engine } = this.#options;
    engine.setLimits(total);
    for (const [name, limits] of Object.entries({ outside, site, near, wan }))
      engine.setLimits(limits, { class: name as 'outside' | 'site' | 'near' | 'wan' });
  }

  #record(name: string): PayloadRecord {
    const record = this.#book.content.payloads.get(name);
    if (record === undefined) throw unknown(name);
    return record;
  }

  #status(record: PayloadRecord): PayloadStatus {
    const torrent = this.#options.engine.torrentSummary(record.infohash);
    return statusOf(record, { ...this.#told(record), torrent });
  }

  /** What is to be told of it that is neither in the order nor known to the engine. */
  #told(record: PayloadRecord): Omit<Known, 'torrent'> {
    return {
      held: this.#torrents.held(record.infohash),
      afterRestart: this.#torrents.afterRestart(record),
    };
  }

  #tellOf(engine: Engine): void {
    const named = (id: string, tell: (name: string) => ServiceEvent): void => {
      const name = this.#book.nameOf(id);
      if (name !== undefined) this.#tell(tell(name));
    };
    engine.on('phase-changed', ({ id, phase, from }) =>
      named(id, (name) => ({ type: 'payload-phase', name, phase, from })),
    );
    engine.on('torrent-complete', ({ id, directory }) =>
      named(id, (name) => ({ type: 'payload-complete', name, path: directory })),
    );
    engine.on('trouble', ({ id, error }) =>
      named(id, (name) => ({ type: 'payload-trouble', name, error: troubleOf(error) })),
    );
    engine.on('trouble-over', ({ id }) => named(id, (name) => ({ type: 'payload-recovered', name })));
  }

  #tell(event: ServiceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #inTurn<Result>(task: () => Promise<Result>, when: 'running' | 'always' = 'running'): Promise<Result> {
    const turn = this.#turn.then(async () => {
      if (this.#stopping && when === 'running')
        throw new ServiceError('stopping', 'The agent is stopping; send the order again when it is back.');
      return task();
    });
    this.#turn = turn.catch(() => undefined);
    return turn;
  }
}

/** What a new order leaves unsaid stays as it was. */
function merge(before: PayloadRecord | undefined, { record, saysPaused }: ReadOrder): PayloadRecord {
  if (before === undefined) return record;
  const paused = saysPaused ? record.paused : before.paused;
  const orderedAt = before.infohash === record.infohash ? before.orderedAt : record.orderedAt;
  return { ...record, paused, orderedAt };
}

function unknown(name: string): ServiceError {
  return new ServiceError('payload-unknown', `There is no payload "${name}" here.`);
}

function unwritable(error: unknown): never {
  throw new ServiceError(
    'state-unwritable',
    `The order cannot be kept, so it is not taken: ${(error as Error).message}. Make the state directory writable and send it again.`,
    { cause: error },
  );
}

const RETRY_MS = 30_000;
const FILES_MAX = 1_000;

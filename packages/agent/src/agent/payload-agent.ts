import { rm, statfs } from 'node:fs/promises';

import { ServiceError } from '@brine/control-http';
import type {
  EngineView,
  LimitOrder,
  LimitSettings,
  LimitsView,
  NamedOrder,
  OnlyOutcome,
  OrderContent,
  PayloadDetails,
  PayloadOrder,
  PayloadService,
  PayloadStatus,
  PutOptions,
  PutOutcome,
  RateLimitsOrder,
  ServiceEvent,
  SiteView,
  SpaceView,
  WriteOptions,
} from '@brine/control-http';
import type { Engine } from '@brine/swarm';
import type { Logger } from 'pino';

import { EngineTorrents } from './engine-torrents.ts';
import { engineView, siteView } from './engine-views.ts';
import { LimitsInForce } from './limits-in-force.ts';
import { changedParts, mergeOrder } from './orders/order-change.ts';
import type { OrderBook } from './orders/order-book.ts';
import type { PayloadRecord, Removal } from './orders/payload-record.ts';
import { planOrders } from './orders/plan-orders.ts';
import type { OrderPlan, Records } from './orders/plan-orders.ts';
import { checkPeers, readLimits, readOrder, readRates } from './orders/read-order.ts';
import type { ReadOrder } from './orders/read-order.ts';
import type { Roots } from './orders/roots.ts';
import { detailsOf, statusOf } from './payload-status.ts';
import type { Known } from './payload-status.ts';
import { Removals } from './removals.ts';
import { ServiceEvents } from './service-events.ts';
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
  readonly #limits: LimitsInForce;
  readonly #events = new ServiceEvents();
  readonly #startedAt: string = new Date().toISOString();
  readonly #removals: Removals;
  #turn: Promise<unknown> = Promise.resolve();
  #stopping = false;

  constructor(options: PayloadAgentOptions) {
    this.#options = options;
    this.#torrents = new EngineTorrents(options);
    this.#removals = new Removals({
      remove: (removal) => this.#torrents.remove(removal),
      removed: (removal) => this.#removed(removal),
      log: options.log,
    });
    this.#limits = new LimitsInForce(options.engine, options.limits);
    this.#events.follow(options.engine, (infohash) => this.#book.nameOf(infohash));
  }

  /** Goes on where the last process stopped. Resolves when the engine has everything. */
  async restore(): Promise<void> {
    const { payloads, limits } = this.#book.content;
    this.#limits.apply(limits);
    // Before what was ordered anew since.
    this.#removals.carryOut(this.#book.content.removals);
    await Promise.all([...payloads.values()].map((record) => this.#torrents.start(record)));
  }

  async put(
    name: string,
    order: PayloadOrder,
    { dryRun = false, mustBeNew = false }: PutOptions = {},
  ): Promise<PutOutcome> {
    const read = await this.#read(name, order);
    return this.#inTurn(async () => {
      const { payloads } = this.#book.content;
      const before = payloads.get(name);
      if (mustBeNew && before !== undefined)
        throw new ServiceError('name-taken', `There is a payload "${name}" already.`);
      const record = mergeOrder(before, read);
      const changes = before === undefined ? [] : changedParts(before, record);
      const after = new Map([...payloads, [name, record]]);
      if (dryRun) planOrders(payloads, after);
      else await this.#order(after, [read]);
      const known = changes.length === 0 ? 'unchanged' : 'changed';
      return { outcome: before === undefined ? 'created' : known, changes, payload: this.#status(record) };
    });
  }

  async only(orders: readonly NamedOrder[]): Promise<OnlyOutcome> {
    const reads: ReadOrder[] = [];
    for (const [at, { name, ...order }] of orders.entries())
      reads.push(await this.#read(name, order, `/payloads/${at}`));
    return this.#inTurn(async () => {
      const { payloads } = this.#book.content;
      const after = new Map(
        reads.map((read) => [read.record.name, mergeOrder(payloads.get(read.record.name), read)]),
      );
      const removed = [...payloads.keys()].filter((name) => !after.has(name));
      await this.#order(after, reads);
      return { payloads: this.list(), removed };
    });
  }

  async inspect(order: PayloadOrder): Promise<OrderContent> {
    const { record, title } = await this.#read('inspected', order);
    return { infohash: record.infohash, ...(title === undefined ? {} : { title }) };
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

  async setPayloadLimits(name: string, order: RateLimitsOrder): Promise<PayloadStatus> {
    const limits = readRates(order, '');
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
    this.#torrents.verify(record);
    return this.#status(record);
  }

  async addPeers(name: string, peers: readonly string[]): Promise<PayloadStatus> {
    const record = this.#record(name);
    checkPeers(peers, '/peers');
    const held = this.#torrents.held(record.infohash);
    if (held !== undefined)
      throw new ServiceError('not-ready', `"${name}" cannot have peers: ${held.message}.`);
    void this.#torrents.addPeers(record, peers);
    return this.#status(record);
  }

  async acknowledge(name: string, infohash: string): Promise<PayloadStatus> {
    return this.#inTurn(async () => {
      const record = this.#record(name);
      if (record.infohash !== infohash)
        throw new ServiceError(
          'order-conflicts',
          `"${name}" is ${record.infohash}, not ${infohash}. Other content was ordered meanwhile; look again.`,
          { pointer: '/infohash' },
        );
      const { complete, percent } = this.#status(record);
      if (!complete) throw new ServiceError('not-ready', `"${name}" is not complete: ${percent} %.`);
      return this.#note({ acknowledgedAt: new Date().toISOString(), ...record });
    });
  }

  async unacknowledge(name: string): Promise<PayloadStatus> {
    return this.#inTurn(async () => {
      const { acknowledgedAt: _, ...record } = this.#record(name);
      return this.#note(record);
    });
  }

  limits(): LimitsView {
    return this.#limits.view(this.#book.content.limits);
  }

  async setLimits(order: LimitOrder | undefined, { dryRun = false }: WriteOptions = {}): Promise<LimitsView> {
    const limits = order === undefined ? undefined : readLimits(order);
    if (dryRun) return this.#limits.view(limits);
    return this.#inTurn(async () => {
      await this.#keep({ limits });
      this.#limits.apply(limits);
      this.#events.tell({ type: 'limits-changed' });
      return this.limits();
    });
  }

  async space(path: string = this.#options.roots.first): Promise<SpaceView> {
    const { bsize, bavail, blocks } = await statfs(await this.#options.roots.existing(path, '/path'));
    return { path, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  }

  engine(): EngineView {
    const { engine, version, roots } = this.#options;
    const { payloads } = this.#book.content;
    return engineView(engine.totals(), {
      version,
      roots: roots.all,
      startedAt: this.#startedAt,
      payloads: payloads.size,
    });
  }

  site(): SiteView {
    return siteView(this.#options.engine, this.#book.content.payloads.values());
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /** No orders from now on; resolves when the last one is kept. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#removals.stop();
    this.#events.tell({ type: 'stopping' });
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
  ): Promise<void> {
    const { payloads, removals } = this.#book.content;
    const plan = planOrders(payloads, after);
    if (plan.additions.length + plan.updates.length + plan.removals.length === 0) return;
    // Content first: an order whose torrent file is missing could not be carried out.
    await this.#keepTorrents(plan, reads);
    await this.#keep({
      payloads: after,
      removals: [...removals, ...plan.removals.map((removal) => ({ ...removal, ...options }))],
    });
    this.#carryOut(plan, payloads, after);
  }

  /** Keeps what is nothing to carry out. */
  async #note(record: PayloadRecord): Promise<PayloadStatus> {
    await this.#keep({ payloads: new Map([...this.#book.content.payloads, [record.name, record]]) });
    return this.#status(record);
  }

  #carryOut(plan: OrderPlan, before: Records, after: Records): void {
    this.#removals.carryOut(this.#book.content.removals);
    for (const record of plan.additions) {
      void this.#torrents.start(record);
      this.#events.tell({ type: 'payload-ordered', name: record.name, infohash: record.infohash });
    }
    for (const { from, to } of plan.updates) void this.#torrents.update(from, to);
    for (const name of before.keys())
      if (!after.has(name)) this.#events.tell({ type: 'payload-removed', name });
  }

  /** It is gone, so it needs not be remembered, nor its torrent file. */
  #removed(removal: Removal): Promise<void> {
    return this.#inTurn(async () => {
      const { removals } = this.#book.content;
      await this.#book.keep({ removals: removals.filter((each) => each !== removal) });
      const isWanted = this.#book.nameOf(removal.infohash) !== undefined;
      if (!isWanted) await rm(this.#options.state.torrent(removal.infohash), { force: true });
    }, 'always');
  }

  async #setPaused(name: string, paused: boolean): Promise<PayloadStatus> {
    return this.#inTurn(async () => {
      const before = this.#record(name);
      const record = { ...before, paused };
      if (before.paused === paused && !paused) this.#torrents.tryAgain(record);
      await this.#order(new Map([...this.#book.content.payloads, [name, record]]), []);
      return this.#status(record);
    });
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
    };
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

const FILES_MAX = 1_000;

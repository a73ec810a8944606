import type { RateLimits } from '@brine/swarm';

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
  Traffic,
  WriteOptions,
} from '../../src/index.ts';
import { ServiceError } from '../../src/index.ts';

const NONE = { downloadedBytes: 0, uploadedBytes: 0, downBytesPerSecond: 0, upBytesPerSecond: 0 };
const TRAFFIC: Traffic = {
  site: { ...NONE, downloadedBytes: 7 },
  near: NONE,
  wan: { ...NONE, uploadedBytes: 9 },
};

/** Every field that a status can have. */
export function makeStatus(name: string, order: PayloadOrder = {}): PayloadStatus {
  return {
    name,
    infohash: order.infohash?.toLowerCase() ?? 'ab'.repeat(20),
    path: order.path ?? '/srv/payloads/maps',
    mode: order.mode ?? 'download',
    phase: order.paused === true ? 'paused' : 'checking',
    complete: false,
    percent: 12.34,
    checkedPercent: 5,
    bytesDone: 1234,
    bytesTotal: 10_000,
    etaSeconds: 17.5,
    downBytesPerSecond: 100,
    upBytesPerSecond: 0.5,
    traffic: TRAFFIC,
    peers: 3,
    peersSending: 2,
    peersReceiving: 1,
    limits: (order.limits as RateLimits | undefined) ?? {
      downBytesPerSecond: 5,
      upBytesPerSecond: { windows: [{ days: ['mon'], from: '08:00', to: '18:00' }], otherwise: 7 },
    },
    orderedAt: '2026-01-02T03:04:05.000Z',
    acknowledgedAt: '2026-01-03T03:04:05.000Z',
    error: { code: 'disk-full', message: 'the disk is full', wayOut: 'free some space' },
  };
}

export function makeDetails(status: PayloadStatus): PayloadDetails {
  return {
    ...status,
    files: [{ path: 'maps/a.img', bytes: 10_000, bytesDone: 1234 }],
    fileCount: 1,
    private: false,
    pieces: { count: 1, verified: 0, bytes: 16_384, map: 'AA==' },
    connections: [
      {
        address: '192.0.2.1:6881',
        client: 'Brine',
        class: 'wan',
        site: 'de/muc',
        percent: 50,
        downBytesPerSecond: 1,
        upBytesPerSecond: 2,
        downloadedBytes: 3,
        uploadedBytes: 4,
        outgoing: true,
        amInterested: true,
        amChoking: false,
        peerInterested: false,
        peerChoking: true,
      },
    ],
    trackers: [
      {
        url: 'http://t.example/announce',
        tier: 0,
        status: 'failing',
        seeders: 1,
        leechers: 2,
        peersFound: 3,
        heardSecondsAgo: 4,
        nextAnnounceSeconds: 60,
        error: { code: 'x', message: 'y' },
      },
    ],
  };
}

/** Keeps orders in memory, and lets a test tell events and make calls fail. */
export class FakeService implements PayloadService {
  readonly orders = new Map<string, PayloadOrder>();
  readonly calls: string[] = [];
  /** What is otherwise about every payload that is listed. */
  changes: Partial<PayloadStatus> = {};
  /** What the next order's content calls itself. */
  title: string | undefined;
  /** Thrown by the next call that writes. */
  failure: Error | undefined;
  #limits: LimitSettings | undefined;
  readonly #listeners = new Set<(event: ServiceEvent) => void>();

  /** Forgets everything but who listens. */
  reset(): void {
    this.orders.clear();
    this.calls.length = 0;
    this.failure = undefined;
    this.changes = {};
    this.title = undefined;
    this.#limits = undefined;
  }

  async put(
    name: string,
    order: PayloadOrder,
    { dryRun = false, mustBeNew = false }: PutOptions = {},
  ): Promise<PutOutcome> {
    this.#write(`put ${name}${dryRun ? ' (dry run)' : ''}`);
    const before = this.orders.get(name);
    if (before !== undefined && mustBeNew)
      throw new ServiceError('name-taken', `There is a payload "${name}" already.`);
    if (!dryRun) this.orders.set(name, order);
    const same = JSON.stringify(before) === JSON.stringify(order);
    return {
      outcome: before === undefined ? 'created' : same ? 'unchanged' : 'changed',
      changes: before === undefined || same ? [] : ['path'],
      payload: makeStatus(name, order),
    };
  }

  async inspect(order: PayloadOrder): Promise<OrderContent> {
    const { infohash } = makeStatus('inspected', order);
    const title = order.magnet === undefined ? this.title : /&dn=([^&]*)/.exec(order.magnet)?.[1];
    return { infohash, ...(title === undefined ? {} : { title }) };
  }

  async only(orders: readonly NamedOrder[]): Promise<OnlyOutcome> {
    this.#write('only');
    const kept = new Set(orders.map(({ name }) => name));
    const removed = [...this.orders.keys()].filter((name) => !kept.has(name));
    for (const name of removed) this.orders.delete(name);
    for (const { name, ...order } of orders) this.orders.set(name, order);
    return { payloads: this.list(), removed };
  }

  list(): readonly PayloadStatus[] {
    return [...this.orders].map(([name, order]) => Object.assign(makeStatus(name, order), this.changes));
  }

  get(name: string): PayloadDetails | undefined {
    const order = this.orders.get(name);
    return order === undefined ? undefined : makeDetails(makeStatus(name, order));
  }

  async remove(name: string, options: { readonly data: boolean }): Promise<void> {
    this.#existing(`remove ${name} ${options.data}`, name);
    this.orders.delete(name);
  }

  async pause(name: string): Promise<PayloadStatus> {
    return this.#existing(`pause ${name}`, name);
  }

  async resume(name: string): Promise<PayloadStatus> {
    return this.#existing(`resume ${name}`, name);
  }

  async verify(name: string): Promise<PayloadStatus> {
    return this.#existing(`verify ${name}`, name);
  }

  announce(name: string): PayloadStatus {
    return this.#existing(`announce ${name}`, name);
  }

  async setPayloadLimits(name: string, limits: RateLimitsOrder): Promise<PayloadStatus> {
    this.#existing(`limit ${name}`, name);
    const order = { ...this.orders.get(name), limits };
    this.orders.set(name, order);
    return makeStatus(name, order);
  }

  async space(path = '/srv/payloads'): Promise<SpaceView> {
    return { path, freeBytes: 1_000, totalBytes: 3_000 };
  }

  async addPeers(name: string, peers: readonly string[]): Promise<PayloadStatus> {
    return this.#existing(`peers ${name} ${peers.join(' ')}`, name);
  }

  async acknowledge(name: string, infohash: string): Promise<PayloadStatus> {
    return this.#existing(`acknowledge ${name} ${infohash}`, name);
  }

  async unacknowledge(name: string): Promise<PayloadStatus> {
    return this.#existing(`unacknowledge ${name}`, name);
  }

  limits(): LimitsView {
    return { ...this.#limits, source: this.#limits === undefined ? 'configuration' : 'order' };
  }

  async setLimits(order: LimitOrder | undefined, { dryRun = false }: WriteOptions = {}): Promise<LimitsView> {
    this.#write(`limits${dryRun ? ' (dry run)' : ''}`);
    const limits = order as LimitSettings | undefined;
    if (dryRun) return { ...limits, source: 'order' };
    this.#limits = limits;
    return this.limits();
  }

  engine(): EngineView {
    return {
      version: '1.2.3',
      host: 'muc-017',
      roots: ['/srv/payloads'],
      startedAt: '2026-01-02T03:04:05.000Z',
      listening: ['127.0.0.1:6881'],
      payloads: this.orders.size,
      peers: 4,
      downBytesPerSecond: 1,
      upBytesPerSecond: 2,
      downloadedBytes: 3,
      uploadedBytes: 4,
      wastedBytes: 5,
      traffic: TRAFFIC,
    };
  }

  site(): SiteView {
    return { label: 'de/muc', traffic: TRAFFIC, members: 2, fetching: ['maps'] };
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  tell(event: ServiceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  #existing(call: string, name: string): PayloadStatus {
    this.#write(call);
    const order = this.orders.get(name);
    if (order === undefined) throw new ServiceError('payload-unknown', `There is no payload "${name}" here.`);
    return makeStatus(name, order);
  }

  #write(call: string): void {
    const { failure } = this;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    this.calls.push(call);
  }
}

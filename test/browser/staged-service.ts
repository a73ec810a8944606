import { startControlServer } from '@brine/control-http';
import type {
  ControlServer,
  EngineView,
  LimitSettings,
  LimitsView,
  OnlyOutcome,
  OrderContent,
  PayloadDetails,
  PayloadOrder,
  PayloadService,
  PayloadStatus,
  PutOutcome,
  ServiceEvent,
  SiteView,
  SpaceView,
  Traffic,
} from '@brine/control-http';
import { ServiceError } from '@brine/control-http';

export const STAGED_TOKEN = 'staged-agent-with-a-token-long-enough-0123';

/** What stands on the stage. */
export interface Stage {
  payloads: readonly PayloadDetails[];
  traffic: Traffic;
  limits: LimitSettings;
  readonly site: Omit<SiteView, 'traffic'>;
}

/**
 * A service whose payloads are what a test says: for views that a real agent shows only in trouble, or with a thousand payloads. The API in
 * front of it is the real one.
 */
export class StagedService implements PayloadService {
  readonly stage: Stage;
  readonly calls: string[] = [];
  readonly #listeners = new Set<(event: ServiceEvent) => void>();

  constructor(stage: Stage) {
    this.stage = stage;
  }

  tell(event: ServiceEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  /** Changes one payload; the page hears of it with the next progress. */
  change(name: string, part: Partial<PayloadDetails>): PayloadDetails {
    const changed = { ...this.#existing(name), ...part };
    this.stage.payloads = this.stage.payloads.map((each) => (each.name === name ? changed : each));
    return changed;
  }

  list(): readonly PayloadStatus[] {
    return this.stage.payloads.map(
      ({
        files: _files,
        fileCount: _count,
        private: _private,
        pieces: _pieces,
        connections: _peers,
        trackers: _trackers,
        ...status
      }) => status,
    );
  }

  get(name: string): PayloadDetails | undefined {
    return this.stage.payloads.find((each) => each.name === name);
  }

  async put(name: string, order: PayloadOrder): Promise<PutOutcome> {
    this.calls.push(`put ${name} ${JSON.stringify(order)}`);
    throw new ServiceError(
      'path-refused',
      `${order.path ?? 'It'} is not below a configured root: /srv/payloads.`,
    );
  }

  async inspect(): Promise<OrderContent> {
    throw new ServiceError('internal-fault', 'Nobody on this stage does that.');
  }

  async only(): Promise<OnlyOutcome> {
    throw new ServiceError('internal-fault', 'Nobody on this stage does that.');
  }

  async remove(name: string, { data }: { readonly data: boolean }): Promise<void> {
    this.calls.push(`remove ${name} ${data ? 'with' : 'without'} data`);
    this.stage.payloads = this.stage.payloads.filter((each) => each.name !== name);
    this.tell({ type: 'payload-removed', name });
  }

  async pause(name: string): Promise<PayloadStatus> {
    return this.change(name, { phase: 'paused' });
  }

  async resume(name: string): Promise<PayloadStatus> {
    return this.change(name, { phase: 'downloading' });
  }

  async verify(name: string): Promise<PayloadStatus> {
    return this.change(name, { phase: 'checking', checkedPercent: 0 });
  }

  announce(name: string): PayloadStatus {
    return this.#existing(name);
  }

  async addPeers(name: string): Promise<PayloadStatus> {
    return this.#existing(name);
  }

  async acknowledge(name: string): Promise<PayloadStatus> {
    return this.#existing(name);
  }

  async unacknowledge(name: string): Promise<PayloadStatus> {
    return this.#existing(name);
  }

  async setPayloadLimits(name: string, limits: PayloadStatus['limits']): Promise<PayloadStatus> {
    return this.change(name, { limits });
  }

  limits(): LimitsView {
    return { ...this.stage.limits, source: 'order' };
  }

  async setLimits(limits: LimitSettings | undefined): Promise<LimitsView> {
    this.stage.limits = limits ?? {};
    this.tell({ type: 'limits-changed' });
    return this.limits();
  }

  async space(path = '/srv/payloads'): Promise<SpaceView> {
    return { path, freeBytes: 1e11, totalBytes: 1e12 };
  }

  engine(): EngineView {
    const { traffic, payloads } = this.stage;
    const sum = (key: keyof Traffic['site']): number =>
      traffic.site[key] + traffic.near[key] + traffic.wan[key];
    return {
      version: '0.1.0',
      host: 'muc-017',
      roots: ['/srv/payloads', '/data/maps'],
      startedAt: new Date(Date.now() - 3 * 3_600_000).toISOString(),
      listening: ['0.0.0.0:6881'],
      payloads: payloads.length,
      peers: payloads.reduce((count, { peers }) => count + peers, 0),
      downBytesPerSecond: sum('downBytesPerSecond'),
      upBytesPerSecond: sum('upBytesPerSecond'),
      downloadedBytes: sum('downloadedBytes'),
      uploadedBytes: sum('uploadedBytes'),
      wastedBytes: 0,
      traffic,
    };
  }

  site(): SiteView {
    return { ...this.stage.site, traffic: this.stage.traffic };
  }

  subscribe(listener: (event: ServiceEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #existing(name: string): PayloadDetails {
    const found = this.get(name);
    if (found === undefined) throw new ServiceError('payload-unknown', `There is no payload "${name}" here.`);
    return found;
  }
}

/** The real API over a staged service, with ticks that a test makes. */
export class StagedAgent implements AsyncDisposable {
  readonly service: StagedService;
  readonly url: string;
  /** A second goes by: streams are told what changed. */
  readonly tick: () => void;
  /** Five seconds go by: rates are noted. */
  readonly sample: () => void;
  readonly #server: ControlServer;

  private constructor(service: StagedService, server: ControlServer, calls: ReadonlyMap<number, () => void>) {
    this.service = service;
    this.#server = server;
    this.url = server.url;
    this.tick = () => calls.get(1_000)?.();
    this.sample = () => calls.get(5_000)?.();
  }

  static async start(stage: Stage, clock: { nowMs: number } = { nowMs: 0 }): Promise<StagedAgent> {
    const service = new StagedService(stage);
    const calls = new Map<number, () => void>();
    const server = await startControlServer({
      service,
      token: STAGED_TOKEN,
      address: { host: '127.0.0.1', port: 0 },
      nowMs: () => clock.nowMs,
      every: (ms, call) => {
        calls.set(ms, call);
        return () => calls.delete(ms);
      },
    });
    return new StagedAgent(service, server, calls);
  }

  /** As `brine dashboard` prints it. */
  get address(): string {
    return `${this.url}/#token=${STAGED_TOKEN}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

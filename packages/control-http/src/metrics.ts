import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

import type {
  EngineView,
  PayloadService,
  PayloadStatus,
  SiteView,
  TrafficCounts,
} from './payload-service.ts';

const CLASSES = ['site', 'near', 'wan'] as const;

/** Figures for Prometheus: those of the service are read when somebody asks. */
export class Metrics {
  /** What the service says while somebody asks: every figure is of one instant, and many payloads are listed once. */
  #seen: Seen | undefined;
  readonly #registry = new Registry();
  readonly #calls: Histogram<'method' | 'route' | 'status'>;

  constructor(service: PayloadService, openStreams: () => number) {
    const seen = (): Seen => (this.#seen ??= look(service));
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#calls = new Histogram({
      name: 'brine_http_request_seconds',
      help: 'Time to answer calls of the API',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    addPayloadFigures(seen, registers);
    addTrafficFigures(seen, registers);
    addGauge('brine_event_streams', 'Open streams of events', openStreams, registers);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    this.#seen = undefined;
    return this.#registry.metrics();
  }

  /** A call was answered. `route` is its pattern: names of payloads would make too many series. */
  count(call: { method: string; route: string; status: number; seconds: number }): void {
    const { seconds, status, ...labels } = call;
    this.#calls.observe({ ...labels, status: String(status) }, seconds);
  }
}

interface Seen {
  readonly payloads: readonly PayloadStatus[];
  readonly engine: EngineView;
  readonly site: SiteView;
}

function look(service: PayloadService): Seen {
  return { payloads: service.list(), engine: service.engine(), site: service.site() };
}

function addPayloadFigures(seen: () => Seen, registers: Registry[]): void {
  const phases = new Gauge({
    name: 'brine_payloads',
    help: 'Payloads by phase',
    labelNames: ['phase'],
    registers,
    collect() {
      this.reset();
      for (const { phase } of seen().payloads) this.inc({ phase });
    },
  });
  phases.reset();
  for (const [name, help, read] of PAYLOAD_FIGURES) {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['payload'],
      registers,
      collect() {
        this.reset();
        for (const status of seen().payloads) this.set({ payload: status.name }, read(status));
      },
    });
    gauge.reset();
  }
}

function addTrafficFigures(seen: () => Seen, registers: Registry[]): void {
  for (const [name, help, read] of TRAFFIC_FIGURES) {
    const counter = new Counter({
      name,
      help,
      labelNames: ['class'],
      registers,
      collect() {
        this.reset();
        const { traffic } = seen().engine;
        for (const each of CLASSES) this.inc({ class: each }, read(traffic[each]));
      },
    });
    counter.reset();
  }
  addGauge('brine_peers', 'Connections to peers', () => seen().engine.peers, registers);
  addGauge(
    'brine_site_members',
    'Connections to machines of the own site',
    () => seen().site.members,
    registers,
  );
}

function addGauge(name: string, help: string, read: () => number, registers: Registry[]): void {
  const gauge = new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read());
    },
  });
  gauge.set(0);
}

const PAYLOAD_FIGURES: readonly [string, string, (status: PayloadStatus) => number][] = [
  ['brine_payload_bytes', 'Bytes of the payload', ({ bytesTotal }) => bytesTotal],
  ['brine_payload_verified_bytes', 'Verified bytes of the payload', ({ bytesDone }) => bytesDone],
  ['brine_payload_complete', '1 if verified, on disk and published', ({ complete }) => Number(complete)],
  ['brine_payload_trouble', '1 while something is wrong with it', ({ error }) => Number(error !== undefined)],
];
const TRAFFIC_FIGURES: readonly [string, string, (counts: TrafficCounts) => number][] = [
  [
    'brine_received_bytes_total',
    'Payload bytes received, by how near the peer was',
    (counts) => counts.downloadedBytes,
  ],
  [
    'brine_sent_bytes_total',
    'Payload bytes sent, by how near the peer was',
    (counts) => counts.uploadedBytes,
  ],
];

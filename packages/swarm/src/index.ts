export { Engine } from './engine.ts';
export type { EnginePorts } from './engine-ports.ts';
export { EngineError } from './errors.ts';
export type { EngineErrorCode } from './errors.ts';
export type { EngineEvents } from './events.ts';
export type { AddTorrent, EngineOptions, SiteOptions, RateLimits } from './options.ts';
export type {
  CountsByClass,
  EngineSnapshot,
  EngineTotals,
  FileSnapshot,
  PeerSnapshot,
  TorrentPhase,
  TorrentSnapshot,
  TorrentSummary,
  TrackerSnapshot,
  TransferCounts,
  Trouble,
} from './snapshot.ts';
export type { PeerClass } from './sites/peer-class.ts';
export type { ClassLimits, LimitScope, LimitedClass, Rate } from './policy/rate-limits.ts';
export type { WanBudget } from './sites/wan-budget.ts';
export { Schedule } from './policy/schedule.ts';
export type { RateSchedule, RateWindow, Weekday } from './policy/schedule.ts';
export type { LsdCounts } from './discovery/lsd.ts';
export type { Clock } from './ports/clock.ts';
export type { Random } from './ports/random.ts';
export type { InterfaceAddress, Interfaces } from './ports/interfaces.ts';
export type { ByteStream, Listener, Network, StreamFailure, StreamSink } from './ports/network.ts';
export type {
  Datagram,
  DatagramSocket,
  Datagrams,
  GroupMember,
  MulticastSocket,
  ResolveOptions,
} from './ports/datagrams.ts';
export { HttpError } from './ports/http.ts';
export type { Http, HttpErrorCode, HttpRequestOptions, HttpResponse } from './ports/http.ts';

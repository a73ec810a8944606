import type { LimitSettings, PayloadService, PayloadStatus } from '../payload-service.ts';
import type { RpcArguments } from './rpc-request.ts';
import { refuseOthers } from './settable.ts';
import { BYTES, changedRate, limitsOf, speedLimitOf, UNUSED_KILOBYTES } from './speed-limits.ts';
import type { SpeedLimit } from './speed-limits.ts';

/** What Transmission's clients ask about the session and the service does not know itself. */
export interface SessionFacts {
  readonly stateDirectory: string;
  /** Connections, over all payloads and of one. */
  readonly peersMax: number;
  readonly peersPerPayloadMax: number;
  readonly pex: boolean;
  readonly lsd: boolean;
}

interface SessionOptions {
  readonly service: PayloadService;
  readonly facts: SessionFacts;
  readonly sessionId: string;
  /** Milliseconds since 1970. */
  readonly nowMs: () => number;
}

type Direction = 'down' | 'up';

/** `session-get`, `session-set`, `session-stats`; rpc-spec.md, 4. Its speed limits are the service's limits over everything. */
export class Session {
  readonly #options: SessionOptions;
  /** Numbers of limits that are off. */
  readonly #unused: Record<Direction, number> = { down: UNUSED_KILOBYTES, up: UNUSED_KILOBYTES };

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Those that `fields` names, or all. */
  get(args: RpcArguments): object {
    const fields = args.texts('fields');
    const all = Object.entries(this.#values());
    return Object.fromEntries(fields === undefined ? all : all.filter(([key]) => fields.includes(key)));
  }

  /** Limits can be set; everything else only to what it is. Rejects with `RpcError`, then nothing has changed. */
  async set(args: RpcArguments): Promise<void> {
    const values = this.#values();
    refuseOthers(args, values, SETTABLE, 'is set in the agent’s configuration');
    const total = this.#limits().total ?? {};
    const down = this.#changed('down', args, total.downBytesPerSecond);
    const up = this.#changed('up', args, total.upBytesPerSecond);
    if (down === total.downBytesPerSecond && up === total.upBytesPerSecond) return;
    await this.#options.service.setLimits({ ...this.#limits(), total: limitsOf(down, up) });
  }

  stats(): object {
    const { service, nowMs } = this.#options;
    const { downloadedBytes, uploadedBytes, downBytesPerSecond, upBytesPerSecond, startedAt } =
      service.engine();
    const payloads = service.list();
    const since = {
      downloadedBytes,
      uploadedBytes,
      filesAdded: payloads.length,
      sessionCount: 1,
      secondsActive: Math.max(0, Math.floor((nowMs() - Date.parse(startedAt)) / 1_000)),
    };
    return {
      activeTorrentCount: payloads.length - payloads.filter(isStopped).length,
      pausedTorrentCount: payloads.filter(isStopped).length,
      torrentCount: payloads.length,
      downloadSpeed: Math.round(downBytesPerSecond),
      uploadSpeed: Math.round(upBytesPerSecond),
      'current-stats': since,
      // Nothing is counted beyond a restart.
      'cumulative-stats': since,
    };
  }

  #changed(
    direction: Direction,
    args: RpcArguments,
    rate: Parameters<typeof changedRate>[0],
  ): ReturnType<typeof changedRate> {
    const kilobytesPerSecond = args.count(`speed-limit-${direction}`);
    const enabled = args.flag(`speed-limit-${direction}-enabled`);
    if (kilobytesPerSecond !== undefined) this.#unused[direction] = kilobytesPerSecond;
    return changedRate(rate, this.#shown(direction), {
      ...(enabled === undefined ? {} : { enabled }),
      ...(kilobytesPerSecond === undefined ? {} : { kilobytesPerSecond }),
    });
  }

  #shown(direction: Direction): SpeedLimit {
    const { downBytesPerSecond, upBytesPerSecond } = this.#limits().total ?? {};
    const rate = direction === 'down' ? downBytesPerSecond : upBytesPerSecond;
    return speedLimitOf(rate, this.#options.nowMs(), this.#unused[direction]);
  }

  #limits(): LimitSettings {
    const { source: _source, ...limits } = this.#options.service.limits();
    return limits;
  }

  #values(): Readonly<Record<string, unknown>> {
    const { service, facts, sessionId } = this.#options;
    const { version, listening, roots } = service.engine();
    const [down, up] = [this.#shown('down'), this.#shown('up')];
    return {
      ...FIXED,
      // Many clients look here for what the other end can do, so it begins with the Transmission that speaks this version of the RPC.
      version: `4.0.0 (Brine ${version})`,
      'session-id': sessionId,
      'config-dir': facts.stateDirectory,
      'download-dir': roots[0] ?? '',
      'incomplete-dir': roots[0] ?? '',
      'peer-port': Number(/\d+$/.exec(listening[0] ?? '')?.[0] ?? 0),
      'peer-limit-global': facts.peersMax,
      'peer-limit-per-torrent': facts.peersPerPayloadMax,
      'pex-enabled': facts.pex,
      'lpd-enabled': facts.lsd,
      'speed-limit-down': down.kilobytesPerSecond,
      'speed-limit-down-enabled': down.enabled,
      'speed-limit-up': up.kilobytesPerSecond,
      'speed-limit-up-enabled': up.enabled,
    };
  }
}

function isStopped({ phase }: PayloadStatus): boolean {
  return phase === 'paused' || phase === 'failed';
}

const SETTABLE: ReadonlySet<string> = new Set(
  ['down', 'up'].flatMap((direction) => [`speed-limit-${direction}`, `speed-limit-${direction}-enabled`]),
);
const BINARY = 1_024;
/** What is always so. Encryption is neither offered nor asked for, which of the three values is nearest to `tolerated`. */
const FIXED: Readonly<Record<string, unknown>> = {
  'rpc-version': 17,
  'rpc-version-minimum': 14,
  'rpc-version-semver': '5.3.0',
  'alt-speed-down': 0,
  'alt-speed-enabled': false,
  'alt-speed-time-begin': 0,
  'alt-speed-time-day': 127,
  'alt-speed-time-enabled': false,
  'alt-speed-time-end': 0,
  'alt-speed-up': 0,
  'anti-brute-force-enabled': true,
  'blocklist-enabled': false,
  'blocklist-size': 0,
  'blocklist-url': '',
  'cache-size-mb': 0,
  'default-trackers': '',
  'dht-enabled': false,
  'download-queue-enabled': false,
  'download-queue-size': 0,
  encryption: 'tolerated',
  'idle-seeding-limit': 0,
  'idle-seeding-limit-enabled': false,
  'incomplete-dir-enabled': false,
  'peer-port-random-on-start': false,
  'port-forwarding-enabled': false,
  'queue-stalled-enabled': false,
  'queue-stalled-minutes': 0,
  'rename-partial-files': false,
  'script-torrent-added-enabled': false,
  'script-torrent-added-filename': '',
  'script-torrent-done-enabled': false,
  'script-torrent-done-filename': '',
  'script-torrent-done-seeding-enabled': false,
  'script-torrent-done-seeding-filename': '',
  'seed-queue-enabled': false,
  'seed-queue-size': 0,
  seedRatioLimit: 0,
  seedRatioLimited: false,
  'start-added-torrents': true,
  'trash-original-torrent-files': false,
  'utp-enabled': false,
  units: {
    'speed-units': ['kB/s', 'MB/s', 'GB/s', 'TB/s'],
    'speed-bytes': BYTES,
    'size-units': ['kB', 'MB', 'GB', 'TB'],
    'size-bytes': BYTES,
    'memory-units': ['KiB', 'MiB', 'GiB', 'TiB'],
    'memory-bytes': BINARY,
  },
};

import type { Rate } from '@brine/swarm';

import type { AddressArgument } from '../../address-argument.ts';

/** Everything that can be configured, by the names that the file, the environment and `--set` use. Absent: the default, or nothing. */
export interface AgentSettings {
  readonly state: string;
  readonly roots: readonly string[];
  readonly 'torrent-roots'?: readonly string[];
  readonly listen?: AddressArgument;
  readonly site?: string;
  /** A file; false: no sites. */
  readonly sites?: string | false;
  readonly pex: boolean;
  readonly lsd: boolean;
  readonly durable: boolean;
  readonly 'leech-only': boolean;
  readonly 'limits.down'?: Rate;
  readonly 'limits.up'?: Rate;
  readonly 'limits.wan-down'?: Rate;
  readonly 'limits.wan-up'?: Rate;
  readonly 'limits.wan-budget'?: Rate;
  readonly 'api.listen': AddressArgument;
  readonly 'api.socket'?: string;
  readonly 'api.hosts': readonly string[];
  /** Whether the API speaks Transmission's RPC too. */
  readonly 'api.transmission': boolean;
  readonly 'api.tls.cert'?: string;
  readonly 'api.tls.key'?: string;
  readonly log: LogLevel;
  /** Milliseconds. */
  readonly 'exit-when-idle'?: number;
}

type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

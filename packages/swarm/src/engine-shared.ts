import type { EngineEvents } from './events.ts';
import type { Dialer } from './peers/dialer.ts';
import type { LimiterTree } from './policy/limiter-tree.ts';
import type { EnginePorts } from './engine-ports.ts';
import type { FramedCache } from './torrent/framed-cache.ts';
import type { TransferMeter } from './torrent/torrent-state.ts';
import type { UdpTrackerClient } from './discovery/udp-tracker-client.ts';
import type { ResolvedOptions } from './resolved-options.ts';
import type { PeerClass } from './sites/peer-class.ts';
import type { BackgroundKeeper } from './sites/background-keeper.ts';
import type { BudgetKeeper } from './sites/budget-keeper.ts';
import type { BrineNetworks } from './sites/brine-networks.ts';
import type { Neighbourhood } from './sites/neighbourhood.ts';

/** What all torrents of an engine have in common. */
export interface EngineShared extends EnginePorts {
  readonly options: ResolvedOptions;
  /** Ours, 20 bytes, new at every start. */
  readonly peerId: Uint8Array;
  readonly limiters: LimiterTree;
  /** Our share of the site's WAN budget, if it has one; to be looked at again (`budgetChanged`) when a member has reported. */
  budget: BudgetKeeper | undefined;
  /** Undefined unless traffic with other sites is to give way. */
  readonly background: BackgroundKeeper | undefined;
  readonly cache: FramedCache;
  readonly dialer: Dialer;
  readonly neighbourhood: Neighbourhood;
  readonly brineNetworks: BrineNetworks;
  readonly udpTrackers: UdpTrackerClient;
  readonly meter: TransferMeter;
  readonly classMeters: Readonly<Record<PeerClass, TransferMeter>>;
  /** The port that others are told; undefined while not listening. */
  listenPort(): number | undefined;
  emit<Name extends keyof EngineEvents>(name: Name, fact: Parameters<EngineEvents[Name]>[0]): void;
  budgetChanged(): void;
  /** A piece buffer returned to the pool that all torrents share. */
  bufferFreed(): void;
}

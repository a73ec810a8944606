import type { Hasher, Storage } from '@brine/piece-store';

import type { Clock } from './ports/clock.ts';
import type { Datagrams } from './ports/datagrams.ts';
import type { Http } from './ports/http.ts';
import type { Interfaces } from './ports/interfaces.ts';
import type { Network } from './ports/network.ts';
import type { Random } from './ports/random.ts';

/** The world, as the engine reaches it. Nothing is defaulted: who composes an engine says what it stands on. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly interfaces: Interfaces;
  readonly datagrams: Datagrams;
  readonly http: Http;
  readonly storage: Storage;
  readonly hasher: Hasher;
}

import { NodeHasher, createFileStorage } from '@brine/piece-store/node';
import type { FileStorageOptions } from '@brine/piece-store/node';

import type { EnginePorts } from '../engine-ports.ts';
import { Engine } from '../engine.ts';
import type { EngineOptions } from '../options.ts';
import { NodeClock } from './node-clock.ts';
import { NodeDatagrams } from './node-datagrams.ts';
import { NodeHttp } from './node-http.ts';
import { NodeInterfaces } from './node-interfaces.ts';
import { createNodeNetwork } from './node-network.ts';
import { NodeRandom } from './node-random.ts';

/** The engine's options, and how its files are kept. */
export interface NodeEngineOptions extends EngineOptions, FileStorageOptions {}

/**
 * The real engine: sockets, files, worker threads. The one place where Node's ports are put together; `ports` replaces some of
 * them, say the storage by one's own.
 */
export function createNodeEngine(options: NodeEngineOptions = {}, ports: Partial<EnginePorts> = {}): Engine {
  return new Engine(
    {
      clock: ports.clock ?? new NodeClock(),
      random: ports.random ?? new NodeRandom(),
      network: ports.network ?? createNodeNetwork(),
      interfaces: ports.interfaces ?? new NodeInterfaces(),
      datagrams: ports.datagrams ?? new NodeDatagrams(),
      http: ports.http ?? new NodeHttp(),
      storage: ports.storage ?? createFileStorage(options),
      hasher: ports.hasher ?? new NodeHasher(),
    },
    options,
  );
}

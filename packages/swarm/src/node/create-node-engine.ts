import { NodeHasher, createFileStorage } from '@brine/piece-store/node';
import type { FileStorageOptions } from '@brine/piece-store/node';

import { Engine } from '../engine.ts';
import type { EngineOptions } from '../options.ts';
import { NodeClock } from './node-clock.ts';
import { NodeDatagrams } from './node-datagrams.ts';
import { NodeHttp } from './node-http.ts';
import { createNodeNetwork } from './node-network.ts';
import { NodeRandom } from './node-random.ts';

/** The engine's options, and how its files are kept. */
export interface NodeEngineOptions extends EngineOptions, FileStorageOptions {}

/** The real engine: sockets, files, worker threads. The one place where Node's ports are put together. */
export function createNodeEngine(options: NodeEngineOptions = {}): Engine {
  const ports = {
    clock: new NodeClock(),
    random: new NodeRandom(),
    network: createNodeNetwork(),
    datagrams: new NodeDatagrams(),
    http: new NodeHttp(),
    storage: createFileStorage(options),
    hasher: new NodeHasher(),
  };
  return new Engine(ports, options);
}

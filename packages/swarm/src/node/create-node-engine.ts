import { Engine } from '../engine.ts';
import type { EngineOptions } from '../options.ts';

/** The engine's options plus those of Node's ports. */
export interface NodeEngineOptions extends EngineOptions {
  /** Directory for resume data. Default: `.brine` in each payload's directory. */
  readonly stateDirectory?: string;
  /** Sync data to the disk before a payload is published. Default false: published first, synced right after, like other clients; a power cut in between is noticed and repaired at the next start. */
  readonly durablePublish?: boolean;
}

/** The real engine: sockets, files, worker threads. */
export function createNodeEngine(options: NodeEngineOptions = {}): Engine {
  throw new Error(`under construction ${Object.keys(options).length} ${Engine.name}`);
}

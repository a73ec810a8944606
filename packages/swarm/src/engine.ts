import { EventEmitter } from 'eventemitter3';

import type { Hasher, Storage } from '@brine/piece-store';
import type { PeerAddress } from '@brine/wire';

import type { EngineEvents } from './events.ts';
import type { AddTorrent, EngineOptions, RateLimits } from './options.ts';
import type { Clock } from './ports/clock.ts';
import type { Datagrams } from './ports/datagrams.ts';
import type { Http } from './ports/http.ts';
import type { Network } from './ports/network.ts';
import type { Random } from './ports/random.ts';
import type { EngineSnapshot, TorrentSnapshot } from './snapshot.ts';

/** The world, as the engine reaches it. */
export interface EnginePorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly datagrams: Datagrams;
  readonly http: Http;
  readonly storage: Storage;
  readonly hasher: Hasher;
}

/** The façade: what programs, the command and every door see of the engine. */
export class Engine extends EventEmitter<EngineEvents> implements AsyncDisposable {
  constructor(ports: EnginePorts, options: EngineOptions = {}) {
    super();
    throw new Error(`under construction ${Object.keys(ports).length} ${Object.keys(options).length}`);
  }

  /** Starts listening; resolves with the address, its real port included. Rejects with `listen-failed`. */
  listen(_at: PeerAddress): Promise<PeerAddress> {
    throw new Error('under construction');
  }

  /** Adds a torrent and returns its id at once: opening and checking go on by themselves. Throws `EngineError` for a bad order. */
  add(_order: AddTorrent): string {
    throw new Error('under construction');
  }

  pause(_id: string): void {}
  resume(_id: string): void {}
  /** Hashes everything on disk again. Resolves when done. */
  verify(_id: string): Promise<void> {
    throw new Error('under construction');
  }
  /** Moves the payload to another directory. */
  move(_id: string, _directory: string): Promise<void> {
    throw new Error('under construction');
  }
  /** Forgets the torrent; with `data`, deletes what the store created for it. */
  remove(_id: string, _options: { readonly data: boolean }): Promise<void> {
    throw new Error('under construction');
  }

  addPeers(_id: string, _peers: readonly PeerAddress[]): void {}
  setFilePriorities(_id: string, _priorities: readonly number[]): Promise<void> {
    throw new Error('under construction');
  }
  setSequential(_id: string, _sequential: boolean): void {}
  /** Limits of the whole engine, or of one torrent. */
  setLimits(_limits: RateLimits, _id?: string): void {}

  snapshot(): EngineSnapshot {
    throw new Error('under construction');
  }
  torrent(_id: string): TorrentSnapshot | undefined {
    throw new Error('under construction');
  }
  /** One bit for each piece, BEP 3 order; undefined while the metadata is unknown. */
  pieceMap(_id: string): Uint8Array | undefined {
    throw new Error('under construction');
  }

  /** Tells trackers and peers, flushes and lets go of everything. Idempotent. */
  close(): Promise<void> {
    throw new Error('under construction');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

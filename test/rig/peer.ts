import type { Host } from './private-network.ts';
import type { Program } from './program.ts';

/** What a client is asked to be. */
export interface PeerOrder {
  readonly role: 'seed' | 'leech';
  /** Path of a .torrent file, or a magnet link. */
  readonly source: string;
  /** Where the payload's file or folder stands, or is to stand. */
  readonly directory: string;
  /** Empty or from an earlier run of the same client: for its own files. */
  readonly state: string;
  readonly host: Host;
  readonly port: number;
  /** Peers known beforehand, `ip:port`. Clients that cannot be told (see `takesPeers`) need a tracker. */
  readonly peers?: readonly string[];
  /** Local service discovery, BEP 14. Default false: who is to find whom otherwise must not be helped by it. */
  readonly lsd?: boolean;
  /** Further arguments of the command. */
  readonly extra?: readonly string[];
}

/** A peer at work. */
export interface Peer {
  readonly address: string;
  readonly program: Program;
  /** Resolves when it can serve (seed) or listens (leech). */
  ready(timeoutMs?: number): Promise<void>;
  /** Resolves when it says that its payload is complete and verified: with the time, in milliseconds since 1970. */
  complete(timeoutMs?: number): Promise<number>;
  /** Ends it cleanly. */
  stop(): Promise<void>;
}

/** A BitTorrent client that can be started as a peer. */
export interface Client {
  readonly name: string;
  /** False when it learns of peers from a tracker only. */
  readonly takesPeers: boolean;
  /** True when `complete` may come before the last bytes are in the files; they are after `stop`. */
  readonly writesBehind: boolean;
  /** False when it leaves out files of no bytes. */
  readonly createsEmptyFiles: boolean;
  start(order: PeerOrder): Promise<Peer>;
}

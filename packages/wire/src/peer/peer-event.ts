import type { PeerAddress } from '../address.ts';
import type { WireError } from '../wire-error.ts';

/** What the remote offers in the reserved bytes of its handshake. */
export interface HandshakeFeatures {
  /** Fast extension, BEP 6. */
  readonly fast: boolean;
  /** Extension protocol, BEP 10. */
  readonly extended: boolean;
  /** DHT port message, BEP 5. */
  readonly dht: boolean;
  /** Upgrade from a v1 to a v2 swarm, BEP 52. */
  readonly v2: boolean;
}

/** The dictionary of a BEP 10 extended handshake, reduced to what is known and believable. */
export interface ExtendedHandshake {
  /** Extension name to the id that its sender wants to receive; 0 switches the extension off. */
  readonly messages: ReadonlyMap<string, number>;
  /** `v`: client name and version, at most 128 characters. */
  readonly client?: string;
  /** `p`: the sender's listening TCP port. */
  readonly listenPort?: number;
  /** `reqq`: how many outstanding requests the sender keeps. */
  readonly requestQueueMax?: number;
  /** `metadata_size`: bytes of the info dictionary, BEP 9. */
  readonly metadataSize?: number;
  /** `yourip`: the receiver's address as the sender sees it. */
  readonly yourIp?: string;
  /** `upload_only`, BEP 21. */
  readonly uploadOnly?: boolean;
}

/** A peer as PEX reports it, BEP 11. */
export interface PexPeer extends PeerAddress {
  readonly flags: number;
}

/**
 * One fact read from the remote's bytes. Every `Uint8Array` in an event is a view into the chunk just received, or into the
 * machine's own residue: valid until the next call of `receive`, copied by whoever keeps it.
 */
export type PeerEvent =
  | {
      readonly type: 'handshake';
      readonly infoHash: Uint8Array;
      readonly peerId: Uint8Array;
      readonly features: HandshakeFeatures;
    }
  | { readonly type: 'keep-alive' }
  | { readonly type: 'choke' }
  | { readonly type: 'unchoke' }
  | { readonly type: 'interested' }
  | { readonly type: 'not-interested' }
  | { readonly type: 'have'; readonly piece: number }
  /**
   * BEP 3 bit order, exactly ⌈pieceCount / 8⌉ bytes with spare bits zero. While the geometry is unknown, any length below
   * 1 MiB: whoever keeps it applies `checkBitfield` when the metadata is there.
   */
  | { readonly type: 'bitfield'; readonly bits: Uint8Array }
  | { readonly type: 'have-all' }
  | { readonly type: 'have-none' }
  | { readonly type: 'suggest'; readonly piece: number }
  | { readonly type: 'allowed-fast'; readonly piece: number }
  /** Of at most 128 KiB inside an existing piece; whether it may be served now is the engine's matter. */
  | { readonly type: 'request'; readonly piece: number; readonly begin: number; readonly length: number }
  /** A request outside the payload, of no bytes, of more than 128 KiB, or before the metadata was known: to be counted, not served. */
  | {
      readonly type: 'invalid-request';
      readonly piece: number;
      readonly begin: number;
      readonly length: number;
    }
  | { readonly type: 'cancel'; readonly piece: number; readonly begin: number; readonly length: number }
  | { readonly type: 'reject'; readonly piece: number; readonly begin: number; readonly length: number }
  | BlockFragment
  | { readonly type: 'dht-port'; readonly port: number }
  | { readonly type: 'extended-handshake'; readonly handshake: ExtendedHandshake }
  | { readonly type: 'metadata-request'; readonly piece: number }
  | {
      readonly type: 'metadata-data';
      readonly piece: number;
      readonly totalSize: number;
      readonly bytes: Uint8Array;
    }
  | { readonly type: 'metadata-reject'; readonly piece: number }
  | { readonly type: 'pex'; readonly added: readonly PexPeer[]; readonly dropped: readonly PeerAddress[] }
  | { readonly type: 'upload-only'; readonly uploadOnly: boolean }
  | { readonly type: 'dont-have'; readonly piece: number }
  /** A message of an extension that was registered by name but that `wire` does not interpret. */
  | { readonly type: 'extension'; readonly name: string; readonly payload: Uint8Array }
  /** The remote broke the protocol. Always the last event: the machine ignores everything after it. */
  | { readonly type: 'violation'; readonly error: WireError };

/**
 * A run of bytes of a `piece` message. A block arrives as one fragment when it lies whole in the chunk, as several when it is
 * cut by chunk borders; fragments of one block are consecutive, and `last` closes it. Nothing is buffered for a block.
 */
export interface BlockFragment {
  readonly type: 'block';
  readonly piece: number;
  /** Where the block starts in the piece. */
  readonly begin: number;
  /** Length of the whole block. */
  readonly length: number;
  /** Where these bytes start within the block. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

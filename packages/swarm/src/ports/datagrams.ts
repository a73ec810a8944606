import type { PeerAddress } from '@brine/wire';

/** A datagram as received; `bytes` are the receiver's to keep. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: PeerAddress;
}

/** A bound UDP socket. */
export interface DatagramSocket {
  readonly address: PeerAddress;
  /** Best effort, as UDP is: failures are silent. */
  send(bytes: Uint8Array, to: PeerAddress): void;
  close(): void;
}

export interface ResolveOptions {
  /** An administrator named this host, so loopback addresses are allowed. Default false. */
  readonly trusted?: boolean;
}

/** UDP, or the simulator's. */
export interface Datagrams {
  /** `ip` is `0.0.0.0` or `::` for any interface of that one family; port 0 picks a free one. */
  bind(at: PeerAddress, received: (datagram: Datagram) => void): Promise<DatagramSocket>;
  /**
   * Host name (or address text) to addresses in the form in which datagrams from them arrive, the order of preference first.
   * Rejects when it does not resolve, or (`code` = `host-refused`) only to addresses that must not be contacted.
   */
  resolve(host: string, options?: ResolveOptions): Promise<readonly string[]>;
}

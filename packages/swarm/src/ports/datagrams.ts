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

/** What a member of a multicast group hears. */
export interface GroupMember {
  /** Everything that is sent to the group on our links, by other programs of this machine and by the member itself too. */
  received(datagram: Datagram): void;
  /** One more link belongs to the group: nobody there has heard what was sent before. */
  linkJoined(): void;
}

/** Membership of a multicast group. */
export interface MulticastSocket {
  /**
   * To the group, on every link, or with `from`, an address of this machine, only on the link of that address, as its sender. It
   * goes no further than the links themselves. Best effort; false when there is no such link at the moment.
   */
  send(bytes: Uint8Array, from?: string): boolean;
  /** Nothing is heard afterwards. Idempotent. */
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
   * Joins a multicast group on every link of this machine, loopback and tunnels left out; links that come later join later, those
   * that go are left. Several programs may be members at one port. What comes from beyond the links is not heard. Never rejects:
   * where there is no such link, or none of the group's family, nobody is heard.
   */
  joinGroup(group: PeerAddress, member: GroupMember): Promise<MulticastSocket>;
  /**
   * Host name (or address text) to addresses in the form in which datagrams from them arrive, the order of preference first.
   * Rejects when it does not resolve, or (`code` = `host-refused`) only to addresses that must not be contacted.
   */
  resolve(host: string, options?: ResolveOptions): Promise<readonly string[]>;
}

/** Where a peer listens: an IPv4 or IPv6 address as text (never a host name, no brackets, no zone) and a TCP or UDP port. */
export interface PeerAddress {
  readonly ip: string;
  readonly port: number;
}

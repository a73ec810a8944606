/** An address of this machine and the network that it is on. */
export interface InterfaceAddress {
  /** The interface's name, as the platform calls it. */
  readonly name: string;
  readonly ip: string;
  readonly prefixLength: number;
  /** A tunnel or VPN: its far end may be anywhere, so sharing its network means nothing. */
  readonly tunnel: boolean;
}

/** The machine's network interfaces, or the simulator's. */
export interface Interfaces {
  /** As they are now; they come and go. */
  list(): readonly InterfaceAddress[];
}

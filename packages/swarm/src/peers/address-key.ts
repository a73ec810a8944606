import type { PeerAddress } from '@brine/wire';

/** An address as one string, for maps and sets: equal for equal addresses, provided that their text is canonical. */
export function addressKey(address: PeerAddress): string {
  return `${address.ip}|${address.port}`;
}

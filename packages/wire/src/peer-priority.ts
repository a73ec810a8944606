/*
 * Canonical peer priority, BEP 40: both ends of a possible connection compute the same number from the two addresses, and a
 * peer with too many connections keeps those with the highest. The graph of a swarm then becomes random instead of favouring
 * who came first, and nobody can buy a place in it with many addresses of one network.
 */
import type { PeerAddress } from './address.ts';
import { bytesOfIp } from './compact-address.ts';

/**
 * Priority of a connection between two peers, 0 to 2^32 − 1, the same in both directions. Higher is better. Addresses of
 * different families share no mask; they are compared as they are, which both ends can do alike.
 * Throws `RangeError` when an `ip` is not an address.
 */
export function peerPriority(a: PeerAddress, b: PeerAddress): number {
  const left = bytesOfIp(a.ip);
  const right = bytesOfIp(b.ip);
  const order = compare(left, right);
  if (order === 0) {
    const low = Math.min(a.port, b.port);
    const high = Math.max(a.port, b.port);
    return crc32c([low >>> 8, low & 0xff, high >>> 8, high & 0xff]);
  }
  const whole = left.length === right.length ? wholeBytes(left, right) : Infinity;
  const masked = [left, right].map((bytes) => bytes.map((byte, at) => (at < whole ? byte : byte & 0x55)));
  const [first = left, second = right] = masked.sort(compare);
  return crc32c([...first, ...second]);
}

/**
 * Bytes of the address that count in full; the rest is masked with 55. Two for IPv4 and six for IPv6, and while the
 * addresses agree in all of those, one more than they agree in.
 */
function wholeBytes(left: Uint8Array, right: Uint8Array): number {
  const least = left.length === 4 ? 2 : 6;
  let equal = 0;
  while (equal < left.length && left[equal] === right[equal]) equal++;
  return equal < least ? least : equal + 1;
}

function compare(left: Uint8Array, right: Uint8Array): number {
  for (let i = 0; i < left.length && i < right.length; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** CRC-32C (Castagnoli, RFC 3720 12.1), reflected polynomial 0x82f63b78. A few bytes at a time: no table needed. */
function crc32c(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

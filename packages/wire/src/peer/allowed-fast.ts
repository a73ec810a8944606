import type { Digest } from '../digest.ts';
import { bytesOfIp } from '../compact-address.ts';
import { readUint32 } from '../big-endian.ts';

const COUNT = 10;

/**
 * The pieces that a peer may request while choked, BEP 6 "Allowed Fast": both sides can compute it from the peer's network
 * (IPv4, the last byte left out) and the info-hash, so asking again from the next address of a provider brings nothing new.
 *
 * The BEP defines it for IPv4 only; for IPv6 the first 8 bytes of the address, its network, take the place of the three.
 *
 * @param ip the peer's address
 * @param infoHash 20 bytes
 * @param count how many pieces; fewer when the torrent has fewer
 * @param sha1 SHA-1
 */
export function allowedFastSet(
  ip: string,
  infoHash: Uint8Array,
  pieceCount: number,
  sha1: Digest,
  count: number = COUNT,
): number[] {
  const pieces = new Set<number>();
  const wanted = Math.min(count, pieceCount);
  let digest = sha1(seed(ip, infoHash));
  while (pieces.size < wanted) {
    for (let at = 0; at < 20 && pieces.size < wanted; at += 4)
      pieces.add(readUint32(digest, at) % pieceCount);
    digest = sha1(digest);
  }
  return [...pieces];
}

function seed(ip: string, infoHash: Uint8Array): Uint8Array {
  const address = bytesOfIp(ip);
  const bytes = address.length === 4 ? Uint8Array.of(...address.subarray(0, 3), 0) : address.slice(0, 8);
  return Uint8Array.of(...bytes, ...infoHash);
}

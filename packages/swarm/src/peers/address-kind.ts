import { bytesOfIp } from '@brine/wire';

/**
 * What kind of place an address is, as far as believing strangers goes: `global` ones anybody may tell of, `private` and
 * `loopback` ones only somebody who is in such a network himself, `unusable` ones nobody.
 */
export type AddressKind = 'global' | 'private' | 'loopback' | 'unusable';

/** Decided on parsed bytes. `ip` is normalised text: IPv4-mapped addresses are IPv4 already. */
export function addressKind(ip: string): AddressKind {
  const bytes = bytesOfIp(ip);
  return bytes.length === 4 ? kindOf4(bytes) : kindOf6(bytes);
}

/** fe80::/10, RFC 4291: names a host only together with a zone, which means something on one machine alone. */
export function isLinkLocal6(ip: string): boolean {
  return /^fe[89ab]/i.test(ip);
}

function kindOf4(bytes: Uint8Array): AddressKind {
  const [a = 0, b = 0] = bytes;
  if (a === 0 || a >= 224) return 'unusable';
  if (a === 127) return 'loopback';
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
  // Link-local, RFC 3927, and shared address space, RFC 6598, are somebody's own network too.
  if ((a === 169 && b === 254) || (a === 100 && b >= 64 && b < 128)) return 'private';
  return 'global';
}

function kindOf6(bytes: Uint8Array): AddressKind {
  const first = bytes[0]!;
  if (bytes.subarray(0, 15).every((byte) => byte === 0)) return bytes[15] === 1 ? 'loopback' : 'unusable';
  if (first === 0xff) return 'unusable';
  // Unique local, RFC 4193, and link-local, RFC 4291.
  if ((first & 0xfe) === 0xfc || (first === 0xfe && (bytes[1]! & 0xc0) === 0x80)) return 'private';
  return 'global';
}

/*
 * Addresses as text and as bytes.
 *
 * Text comes from people, magnet links and trackers, so it is judged here by a strict grammar before the package `ip` turns
 * it into bytes: `ip` accepts `999.1.1.1` and loses the last group of `::2:3:4:5:6:7:8`, and therefore only ever sees four
 * checked decimals or eight written-out groups. Its IPv6 text is not canonical either (it shortens the first run of zeros,
 * not the longest), so that direction is written here. One address has one text: two peers are the same when their texts are.
 */
import ip from 'ip';
import type { PeerAddress } from './address.ts';
import { WireError } from './wire-error.ts';

/** Bytes of a compact IPv4 peer: address and port, BEP 23. */
export const COMPACT4_LENGTH: number = 6;
/** Bytes of a compact IPv6 peer: address and port, BEP 7. */
export const COMPACT6_LENGTH: number = 18;

/**
 * The one text that this engine uses for an address: dotted decimals, or IPv6 as RFC 5952 writes it (lower case, longest run
 * of zero groups shortened). IPv4 mapped into IPv6 (`::ffff:1.2.3.4`) becomes the IPv4 address, because that is the same peer.
 * Undefined for anything else: host names, zones, brackets, ports, leading zeros, shorthand such as `127.1`.
 */
export function normalizeIp(text: string): string | undefined {
  // The longest text of an IPv6 address has 45 characters; nothing longer is looked at.
  if (text.length > 45) return undefined;
  if (!text.includes(':')) return isIpv4(text) ? text : undefined;
  const groups = ipv6Groups(text);
  return groups === undefined ? undefined : textOfGroups(groups);
}

/** The 4 or 16 bytes of an address, in network order. Throws `RangeError` when `text` is not an address. */
export function bytesOfIp(text: string): Uint8Array {
  const normal = normalizeIp(text);
  if (normal === undefined) throw new RangeError(`not an IP address: ${JSON.stringify(text)}`);
  if (!normal.includes(':')) return ip.toBuffer(normal, new Uint8Array(4));
  const groups = ipv6Groups(normal) ?? [];
  return ip.toBuffer(groups.map((group) => group.toString(16)).join(':'), new Uint8Array(16));
}

/** The normal text of 4 or 16 bytes in network order. Throws `RangeError` for another length. */
export function ipOfBytes(bytes: Uint8Array): string {
  if (bytes.length !== 4 && bytes.length !== 16) {
    throw new RangeError(`an address has 4 or 16 bytes, not ${bytes.length}`);
  }
  return ipAt(bytes, 0, bytes.length);
}

/**
 * One compact peer: 6 bytes for IPv4 (BEP 23), 18 for IPv6 (BEP 7); address, then port, both in network order.
 * Throws `RangeError` when `ip` is no address or `port` no 16-bit number.
 */
export function encodeCompact(address: PeerAddress): Uint8Array {
  const { port } = address;
  if (!Number.isInteger(port) || port < 0 || port > 0xffff) throw new RangeError(`not a port: ${port}`);
  const host = bytesOfIp(address.ip);
  const bytes = new Uint8Array(host.length + 2);
  bytes.set(host);
  bytes[host.length] = port >>> 8;
  bytes[host.length + 1] = port & 0xff;
  return bytes;
}

/**
 * Compact IPv4 peers, 6 bytes each, BEP 23. Every entry is kept in its place, also those with port 0, because PEX flags
 * (BEP 11) belong to positions. Throws `WireError` `address-malformed` when the bytes are not whole entries.
 */
export function decodeCompact4(bytes: Uint8Array): PeerAddress[] {
  return decodeCompact(bytes, COMPACT4_LENGTH);
}

/** Compact IPv6 peers, 18 bytes each, BEP 7; otherwise as `decodeCompact4`. Mapped IPv4 addresses come out as IPv4. */
export function decodeCompact6(bytes: Uint8Array): PeerAddress[] {
  return decodeCompact(bytes, COMPACT6_LENGTH);
}

function decodeCompact(bytes: Uint8Array, entryLength: number): PeerAddress[] {
  if (bytes.length % entryLength !== 0) {
    throw new WireError(
      'address-malformed',
      `compact peers take ${entryLength} bytes each; ${bytes.length} bytes are not whole entries`,
    );
  }
  const addresses: PeerAddress[] = [];
  const hostLength = entryLength - 2;
  for (let at = 0; at < bytes.length; at += entryLength) {
    const port = ((bytes[at + hostLength] ?? 0) << 8) | (bytes[at + hostLength + 1] ?? 0);
    addresses.push({ ip: ipAt(bytes, at, hostLength), port });
  }
  return addresses;
}

function ipAt(bytes: Uint8Array, at: number, length: number): string {
  if (length === 4) return ip.toString(bytes, at, 4);
  const groups: number[] = [];
  for (let i = at; i < at + 16; i += 2) groups.push(((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0));
  return textOfGroups(groups);
}

/** Four decimals from 0 to 255 without leading zeros (which some readers take for octal). */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function isIpv4(text: string): boolean {
  return IPV4.test(text);
}

/** The eight 16-bit groups of a strict IPv6 text (RFC 4291, 2.2), or undefined. */
function ipv6Groups(text: string): number[] | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const compressed = halves.length === 2;
  const head = groupsOf(halves[0] ?? '', !compressed);
  const tail = compressed ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  // `::` stands for at least one group; without it all eight are written.
  if (compressed ? missing < 1 : missing !== 0) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** Groups between colons; the last one may be a dotted quad where the address ends. An empty half has none. */
function groupsOf(half: string, endsAddress: boolean): number[] | undefined {
  if (half === '') return [];
  const parts = half.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else if (endsAddress && index === parts.length - 1 && isIpv4(part)) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number);
      groups.push((a << 8) | b, (c << 8) | d);
    } else return undefined;
  }
  return groups;
}

/** RFC 5952 text of eight groups; dotted decimals when they map an IPv4 address (::ffff:0:0/96). */
function textOfGroups(groups: readonly number[]): string {
  const [a, b, c, d, e, f, g = 0, h = 0] = groups;
  if (a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0xffff) {
    return `${g >>> 8}.${g & 0xff}.${h >>> 8}.${h & 0xff}`;
  }
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(':');
  return `${hex.slice(0, run.start).join(':')}::${hex.slice(run.start + run.length).join(':')}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best;
}

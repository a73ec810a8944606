import type { PeerAddress } from '../address.ts';
import type { BencodeDictionary } from '../bencode/bencode-value.ts';
import { encodeBencode } from '../bencode/encode.ts';
import {
  COMPACT4_LENGTH,
  COMPACT6_LENGTH,
  decodeCompact4,
  decodeCompact6,
  encodeCompact,
} from '../compact-address.ts';
import { bytesOf, decodeLeadingDictionary } from '../dictionary.ts';
import type { PeerEvent, PexPeer } from './peer-event.ts';

/**
 * Most peers read from each list (IPv4 and IPv6 apart) of one message. BEP 11 allows 50 added and 50 dropped; some clients
 * send more at first, what goes beyond this is not looked at.
 */
export const PEX_PEERS_MAX: number = 200;

const EMPTY = new Uint8Array(0);

/**
 * Reads a `ut_pex` message, BEP 11: IPv4 and IPv6 together, incomplete entries and entries without a port left out.
 *
 * @throws WireError `extension-malformed`
 */
export function decodePex(payload: Uint8Array): PeerEvent {
  const { dictionary } = decodeLeadingDictionary(payload, 'extension-malformed');
  return {
    type: 'pex',
    added: [
      ...withFlags(readPeers4(dictionary, 'added'), bytesOf(dictionary, 'added.f')),
      ...withFlags(readPeers6(dictionary, 'added6'), bytesOf(dictionary, 'added6.f')),
    ],
    dropped: [...readPeers4(dictionary, 'dropped'), ...readPeers6(dictionary, 'dropped6')].filter(hasPort),
  };
}

/** The payload of a `ut_pex` message; the caller keeps to 50 and 50, and to one a minute. */
export function encodePex(added: readonly PexPeer[], dropped: readonly PeerAddress[]): Uint8Array {
  const added4 = added.filter((peer) => !isIpv6(peer));
  const added6 = added.filter(isIpv6);
  return encodeBencode({
    added: concatenate(added4),
    'added.f': Uint8Array.from(added4, (peer) => peer.flags),
    added6: concatenate(added6),
    'added6.f': Uint8Array.from(added6, (peer) => peer.flags),
    dropped: concatenate(dropped.filter((peer) => !isIpv6(peer))),
    dropped6: concatenate(dropped.filter(isIpv6)),
  });
}

function readPeers4(dictionary: BencodeDictionary, key: string): PeerAddress[] {
  return decodeCompact4(wholeEntries(bytesOf(dictionary, key), COMPACT4_LENGTH));
}

function readPeers6(dictionary: BencodeDictionary, key: string): PeerAddress[] {
  return decodeCompact6(wholeEntries(bytesOf(dictionary, key), COMPACT6_LENGTH));
}

function wholeEntries(bytes: Uint8Array = EMPTY, entryLength: number): Uint8Array {
  const count = Math.min(PEX_PEERS_MAX, Math.floor(bytes.length / entryLength));
  return bytes.subarray(0, count * entryLength);
}

/** Flags belong to positions, so peers without a port go only after they have got theirs. */
function withFlags(peers: readonly PeerAddress[], flags: Uint8Array = EMPTY): PexPeer[] {
  return peers.map((peer, index) => ({ ...peer, flags: flags[index] ?? 0 })).filter(hasPort);
}

function hasPort(peer: PeerAddress): boolean {
  return peer.port !== 0;
}

function isIpv6(peer: PeerAddress): boolean {
  return peer.ip.includes(':');
}

function concatenate(peers: readonly PeerAddress[]): Uint8Array {
  return Uint8Array.from(peers.flatMap((peer) => [...encodeCompact(peer)]));
}

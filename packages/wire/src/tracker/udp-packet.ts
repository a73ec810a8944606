import { readUint32, writeUint16, writeUint32, writeUint64 } from '../big-endian.ts';
import { COMPACT4_LENGTH, COMPACT6_LENGTH, decodeCompact4, decodeCompact6 } from '../compact-address.ts';
import { shownText } from '../dictionary.ts';
import { utf8Bytes } from '../text.ts';
import { WireError } from '../wire-error.ts';
import type { AnnounceEvent, AnnounceRequest, AnnounceResponse, ScrapeEntry } from './announce.ts';
import { FAILURE_LENGTH_MAX, TRACKER_PEERS_MAX, boundedInterval } from './announce.ts';

/** Most torrents in one scrape, BEP 15. */
export const UDP_SCRAPE_MAX: number = 74;

/** An answer of a UDP tracker, BEP 15; what it answers to is told by the transaction id. */
export type UdpTrackerPacket =
  | { readonly action: 'connect'; readonly transactionId: number; readonly connectionId: Uint8Array }
  | { readonly action: 'announce'; readonly transactionId: number; readonly response: AnnounceResponse }
  | {
      readonly action: 'scrape';
      readonly transactionId: number;
      /** In the order of the request. */
      readonly counts: readonly Omit<ScrapeEntry, 'infoHash'>[];
    }
  | { readonly action: 'error'; readonly transactionId: number; readonly message: string };

const Action = { connect: 0, announce: 1, scrape: 2, error: 3 } as const;
const EventNumber: Record<AnnounceEvent, number> = { completed: 1, started: 2, stopped: 3 };
const Option = { end: 0, urlData: 2 } as const;

const HEADER_LENGTH = 16;
const ANNOUNCE_LENGTH = 98;
const OPTION_LENGTH_MAX = 255;
/** Keeps the packet inside one datagram on every link. */
const URL_DATA_LENGTH_MAX = 1024;
const ANNOUNCE_ANSWER_LENGTH = 20;
const SCRAPE_COUNTS_LENGTH = 12;

/** The packet that asks for a connection id. */
export function encodeUdpConnect(transactionId: number): Uint8Array {
  const packet = new Uint8Array(HEADER_LENGTH);
  // The protocol's magic number, 0x41727101980.
  writeUint32(packet, 0, 0x417);
  writeUint32(packet, 4, 0x27101980);
  writeUint32(packet, 8, Action.connect);
  writeUint32(packet, 12, transactionId);
  return packet;
}

/**
 * An announce. `urlData` (BEP 41) is what follows the host and port in the tracker's URL, path and query, which some trackers
 * need to know a user by; at most 1024 bytes of it are sent.
 */
export function encodeUdpAnnounce(
  connectionId: Uint8Array,
  transactionId: number,
  request: AnnounceRequest,
  urlData: string = '',
): Uint8Array {
  const options = encodeUrlData(urlData);
  const packet = openPacket(connectionId, Action.announce, transactionId, ANNOUNCE_LENGTH + options.length);
  packet.set(request.infoHash, 16);
  packet.set(request.peerId, 36);
  writeUint64(packet, 56, request.downloaded);
  writeUint64(packet, 64, request.left);
  writeUint64(packet, 72, request.uploaded);
  writeUint32(packet, 80, request.event === undefined ? 0 : EventNumber[request.event]);
  // 84: our address; 0 lets the tracker take the one that the packet comes from.
  writeUint32(packet, 88, request.key);
  writeUint32(packet, 92, request.numWant);
  writeUint16(packet, 96, request.port);
  packet.set(options, ANNOUNCE_LENGTH);
  return packet;
}

/** A scrape of at most `UDP_SCRAPE_MAX` torrents; throws `RangeError` for more. */
export function encodeUdpScrape(
  connectionId: Uint8Array,
  transactionId: number,
  infoHashes: readonly Uint8Array[],
): Uint8Array {
  if (infoHashes.length > UDP_SCRAPE_MAX)
    throw new RangeError(`a scrape of ${infoHashes.length} torrents, ${UDP_SCRAPE_MAX} allowed`);
  const length = HEADER_LENGTH + 20 * infoHashes.length;
  const packet = openPacket(connectionId, Action.scrape, transactionId, length);
  for (const [index, infoHash] of infoHashes.entries()) packet.set(infoHash, HEADER_LENGTH + 20 * index);
  return packet;
}

/**
 * Reads a tracker's answer. `family` is that of the address which the tracker was asked at: it decides how long a peer is.
 *
 * @throws WireError `tracker-malformed`
 */
export function decodeUdpPacket(packet: Uint8Array, family: 4 | 6): UdpTrackerPacket {
  if (packet.length < 8) throw malformed(packet, 'an answer');
  const transactionId = readUint32(packet, 4);
  switch (readUint32(packet, 0)) {
    case Action.connect:
      if (packet.length < HEADER_LENGTH) throw malformed(packet, 'a connect answer');
      return {
        action: 'connect',
        transactionId,
        connectionId: new Uint8Array(packet.subarray(8, HEADER_LENGTH)),
      };
    case Action.announce:
      return { action: 'announce', transactionId, response: readAnnounce(packet, family) };
    case Action.scrape:
      return { action: 'scrape', transactionId, counts: readScrape(packet) };
    case Action.error:
      return { action: 'error', transactionId, message: shownText(packet.subarray(8), FAILURE_LENGTH_MAX) };
    default:
      throw new WireError('tracker-malformed', `an answer with action ${readUint32(packet, 0)}`);
  }
}

function openPacket(
  connectionId: Uint8Array,
  action: number,
  transactionId: number,
  length: number,
): Uint8Array {
  const packet = new Uint8Array(length);
  packet.set(connectionId);
  writeUint32(packet, 8, action);
  writeUint32(packet, 12, transactionId);
  return packet;
}

/** BEP 41: type, length, up to 255 bytes; longer texts as several options in a row; closed by an end of options. */
function encodeUrlData(urlData: string): Uint8Array {
  const text = utf8Bytes(urlData).subarray(0, URL_DATA_LENGTH_MAX);
  if (text.length === 0) return text;
  const bytes: number[] = [];
  for (let at = 0; at < text.length; at += OPTION_LENGTH_MAX) {
    const part = text.subarray(at, at + OPTION_LENGTH_MAX);
    bytes.push(Option.urlData, part.length, ...part);
  }
  return Uint8Array.of(...bytes, Option.end);
}

function readAnnounce(packet: Uint8Array, family: 4 | 6): AnnounceResponse {
  const entryLength = family === 4 ? COMPACT4_LENGTH : COMPACT6_LENGTH;
  const peersLength = packet.length - ANNOUNCE_ANSWER_LENGTH;
  if (peersLength < 0 || peersLength % entryLength !== 0) throw malformed(packet, 'an announce answer');
  const end = ANNOUNCE_ANSWER_LENGTH + Math.min(peersLength, TRACKER_PEERS_MAX * entryLength);
  const compact = packet.subarray(ANNOUNCE_ANSWER_LENGTH, end);
  const peers = family === 4 ? decodeCompact4(compact) : decodeCompact6(compact);
  return {
    intervalSeconds: boundedInterval(readUint32(packet, 8)),
    leechers: readUint32(packet, 12),
    seeders: readUint32(packet, 16),
    peers: peers.filter((peer) => peer.port !== 0),
  };
}

function readScrape(packet: Uint8Array): Omit<ScrapeEntry, 'infoHash'>[] {
  const count = (packet.length - 8) / SCRAPE_COUNTS_LENGTH;
  if (!Number.isInteger(count) || count > UDP_SCRAPE_MAX) throw malformed(packet, 'a scrape answer');
  return Array.from({ length: count }, (_, index) => {
    const at = 8 + index * SCRAPE_COUNTS_LENGTH;
    return {
      seeders: readUint32(packet, at),
      completed: readUint32(packet, at + 4),
      leechers: readUint32(packet, at + 8),
    };
  });
}

function malformed(packet: Uint8Array, what: string): WireError {
  return new WireError('tracker-malformed', `${what} of ${packet.length} bytes`);
}

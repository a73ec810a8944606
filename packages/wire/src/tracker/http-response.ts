import type { PeerAddress } from '../address.ts';
import type { BencodeDictionary, BencodeValue } from '../bencode/bencode-value.ts';
import { isDictionary } from '../bencode/decode.ts';
import {
  COMPACT4_LENGTH,
  COMPACT6_LENGTH,
  decodeCompact4,
  decodeCompact6,
  ipOfBytes,
  normalizeIp,
} from '../compact-address.ts';
import { bytesOf, decodeLeadingDictionary, dictionaryOf, integerOf, textOf } from '../dictionary.ts';
import { binaryText } from '../text.ts';
import { WireError } from '../wire-error.ts';
import type { AnnounceResponse, ScrapeEntry } from './announce.ts';
import { FAILURE_LENGTH_MAX, TRACKER_PEERS_MAX, TrackerFailure, boundedInterval } from './announce.ts';

const INTERVAL_SECONDS_DEFAULT = 1800;
const TRACKER_ID_LENGTH_MAX = 512;
const SCRAPE_ENTRIES_MAX = 1000;
const COUNT_MAX = 2 ** 32 - 1;

/**
 * Reads the body of an announce's answer (after any gzip), BEP 3, 7, 23, 24. Whatever is not believable counts as absent;
 * peers without a port or with a host name instead of an address are left out.
 *
 * @throws WireError `tracker-malformed`; `TrackerFailure` when the tracker refuses (BEP 31)
 */
export function parseAnnounceResponse(bytes: Uint8Array): AnnounceResponse {
  const answer = decodeAnswer(bytes);
  const interval = integerOf(answer, 'interval', 0, Number.MAX_SAFE_INTEGER) ?? INTERVAL_SECONDS_DEFAULT;
  const minInterval = integerOf(answer, 'min interval', 0, Number.MAX_SAFE_INTEGER);
  const seeders = integerOf(answer, 'complete', 0, COUNT_MAX);
  const leechers = integerOf(answer, 'incomplete', 0, COUNT_MAX);
  const trackerId = bytesOf(answer, 'tracker id');
  const warning = textOf(answer, 'warning message', FAILURE_LENGTH_MAX);
  const externalIp = bytesOf(answer, 'external ip');
  return {
    intervalSeconds: boundedInterval(interval),
    ...(minInterval !== undefined && { minIntervalSeconds: boundedInterval(minInterval) }),
    peers: readPeers(answer),
    ...(seeders !== undefined && { seeders }),
    ...(leechers !== undefined && { leechers }),
    ...(trackerId !== undefined &&
      trackerId.length <= TRACKER_ID_LENGTH_MAX && { trackerId: new Uint8Array(trackerId) }),
    ...(warning !== undefined && { warning }),
    ...((externalIp?.length === 4 || externalIp?.length === 16) && { externalIp: ipOfBytes(externalIp) }),
  };
}

/**
 * Reads the body of a scrape's answer, BEP 48; at most 1000 torrents.
 *
 * @throws WireError `tracker-malformed`; `TrackerFailure` when the tracker refuses
 */
export function parseScrapeResponse(bytes: Uint8Array): readonly ScrapeEntry[] {
  const files = dictionaryOf(decodeAnswer(bytes), 'files');
  if (files === undefined) throw new WireError('tracker-malformed', 'a scrape without files');
  const entries: ScrapeEntry[] = [];
  for (const [key, value] of files) {
    if (entries.length === SCRAPE_ENTRIES_MAX) break;
    if (key.length !== 20 || !isDictionary(value)) continue;
    entries.push({
      infoHash: Uint8Array.from(key, (character) => character.codePointAt(0) ?? 0),
      seeders: integerOf(value, 'complete', 0, COUNT_MAX) ?? 0,
      leechers: integerOf(value, 'incomplete', 0, COUNT_MAX) ?? 0,
      completed: integerOf(value, 'downloaded', 0, COUNT_MAX) ?? 0,
    });
  }
  return entries;
}

function decodeAnswer(bytes: Uint8Array): BencodeDictionary {
  const { dictionary } = decodeLeadingDictionary(bytes, 'tracker-malformed');
  const failure = textOf(dictionary, 'failure reason', FAILURE_LENGTH_MAX);
  if (failure !== undefined) throw new TrackerFailure(failure, readRetry(dictionary));
  return dictionary;
}

/** BEP 31: minutes, or the word `never`. */
function readRetry(answer: BencodeDictionary): number | undefined {
  const word = bytesOf(answer, 'retry in');
  if (word !== undefined) return binaryText(word.subarray(0, 6)) === 'never' ? Infinity : undefined;
  const minutes = integerOf(answer, 'retry in', 0, Number.MAX_SAFE_INTEGER);
  return minutes === undefined ? undefined : boundedInterval(minutes * 60);
}

/** BEP 3's list or BEP 23's string under `peers`, then BEP 7's `peers6`. */
function readPeers(answer: BencodeDictionary): readonly PeerAddress[] {
  const peers = answer.get('peers');
  const peers4 =
    peers instanceof Uint8Array ? decodeCompact4(wholeEntries(peers, COMPACT4_LENGTH)) : readPeerList(peers);
  const peers6 = decodeCompact6(
    wholeEntries(bytesOf(answer, 'peers6') ?? new Uint8Array(0), COMPACT6_LENGTH),
  );
  return [...peers4, ...peers6].filter((peer) => peer.port !== 0).slice(0, TRACKER_PEERS_MAX);
}

function readPeerList(peers: BencodeValue | undefined): PeerAddress[] {
  if (!Array.isArray(peers)) return [];
  return (peers as readonly BencodeValue[]).slice(0, TRACKER_PEERS_MAX).flatMap((peer) => {
    if (!isDictionary(peer)) return [];
    const ip = normalizeIp(textOf(peer, 'ip', 64) ?? '');
    const port = integerOf(peer, 'port', 1, 65_535);
    return ip === undefined || port === undefined ? [] : [{ ip, port }];
  });
}

function wholeEntries(bytes: Uint8Array, entryLength: number): Uint8Array {
  const count = Math.min(TRACKER_PEERS_MAX, Math.floor(bytes.length / entryLength));
  return bytes.subarray(0, count * entryLength);
}

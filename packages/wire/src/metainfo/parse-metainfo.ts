import { BYTES, DICTIONARY, INTEGER, LIST, NONE, scanWhole, type TokenTape } from '../bencode/token-tape.ts';
import type { Digest } from '../digest.ts';
import { utf8Text } from '../text.ts';
import type { Metainfo } from './metainfo.ts';
import { METAINFO_LIMITS } from './metainfo-limits.ts';
import { invalid, readInfo } from './parse-info.ts';
import { isTrackerUrl, isWebSeedUrl } from './tracker-url.ts';

/** Trackers, and web seeds, that are kept of one torrent. */
const URLS_MAX = 1000;

export interface ParseMetainfoOptions {
  /** SHA-1 over the info dictionary's exact bytes gives the v1 info-hash. */
  readonly sha1: Digest;
}

/**
 * Reads a `.torrent` file, BEP 3 (with 12, 19, 27, 47; v1 and the v1 part of hybrids, as `parseInfo` says). Nothing of the
 * result shares memory with `bytes`.
 *
 * What a download depends on must be right, or `WireError` `metainfo-invalid`, `metainfo-unsupported` or `bencode-…` is thrown. What
 * only decorates (trackers, web seeds, comment, date) is dropped where it is not usable, as other clients do: trackers that
 * are not http, https or udp, web seeds that are not http or https, texts that are no strings.
 */
export function parseMetainfo(bytes: Uint8Array, options: ParseMetainfoOptions): Metainfo {
  // One copy up front: the piece hashes, which are most of a torrent, can then be views. Not `slice`, which Node's Buffer
  // overrides to share memory.
  const tape = scanWhole(new Uint8Array(bytes), METAINFO_LIMITS);
  if (tape.kind(0) !== DICTIONARY) throw invalid('it is not a dictionary');
  const infoToken = tape.find(0, 'info');
  if (infoToken === NONE) throw invalid('`info` is missing');
  const info = readInfo(tape, infoToken);
  const infoBytes = tape.bytes(infoToken);
  const comment = textAt(tape, 'comment.utf-8') ?? textAt(tape, 'comment');
  const createdBy = textAt(tape, 'created by.utf-8') ?? textAt(tape, 'created by');
  const creationDate = secondsAt(tape, 'creation date');
  return {
    infoHashes: { v1: options.sha1(infoBytes) },
    info,
    infoBytes,
    trackers: trackersOf(tape),
    webSeeds: webSeedsOf(tape),
    ...(comment !== undefined && { comment }),
    ...(createdBy !== undefined && { createdBy }),
    ...(creationDate !== undefined && { creationDate }),
  };
}

/** BEP 12: `announce-list` replaces `announce`; when it holds nothing usable, `announce` stands. */
function trackersOf(tape: TokenTape): string[][] {
  const seen = new Set<string>();
  const tiers: string[][] = [];
  for (const tier of childrenOf(tape, tape.find(0, 'announce-list'))) {
    // Some programs write a flat list; each entry is then a tier.
    const urls = urlsOf(tape, tier, isTrackerUrl, seen);
    if (urls.length > 0) tiers.push(urls);
  }
  if (tiers.length > 0) return tiers;
  const single = urlsOf(tape, tape.find(0, 'announce'), isTrackerUrl, seen);
  return single.length > 0 ? [single] : [];
}

function webSeedsOf(tape: TokenTape): string[] {
  return urlsOf(tape, tape.find(0, 'url-list'), isWebSeedUrl, new Set());
}

/** The usable URLs of a string, or of a list of strings, that were not seen before. */
function urlsOf(
  tape: TokenTape,
  token: number,
  usable: (url: string) => boolean,
  seen: Set<string>,
): string[] {
  const urls: string[] = [];
  if (token === NONE) return urls;
  const candidates = tape.kind(token) === LIST ? childrenOf(tape, token) : [token];
  for (const candidate of candidates) {
    if (seen.size >= URLS_MAX) break;
    const url = textOf(tape, candidate)?.trim();
    if (url === undefined || seen.has(url) || !usable(url)) continue;
    seen.add(url);
    urls.push(url);
  }
  return urls;
}

function* childrenOf(tape: TokenTape, list: number): Generator<number> {
  if (list === NONE || tape.kind(list) !== LIST) return;
  const end = tape.next(list);
  for (let token = list + 1; token < end; token = tape.next(token)) yield token;
}

function textAt(tape: TokenTape, key: string): string | undefined {
  return textOf(tape, tape.find(0, key));
}

function textOf(tape: TokenTape, token: number): string | undefined {
  if (token === NONE || tape.kind(token) !== BYTES) return undefined;
  return utf8Text(tape.source, tape.from(token), tape.to(token));
}

function secondsAt(tape: TokenTape, key: string): number | undefined {
  const token = tape.find(0, key);
  const value = token !== NONE && tape.kind(token) === INTEGER ? tape.integer(token) : undefined;
  return typeof value === 'number' && value >= 0 ? value : undefined;
}

import type { PeerAddress } from './address.ts';
import { normalizeIp } from './compact-address.ts';
import { bytesOfHex, hexOf } from './hex.ts';
import type { InfoHashes } from './metainfo/metainfo.ts';
import { isTrackerUrl, isWebSeedUrl } from './metainfo/tracker-url.ts';
import { WireError } from './wire-error.ts';

/** Files from `first` up to and with `last`, counted from 0. */
export interface FileRange {
  readonly first: number;
  readonly last: number;
}

/** What a magnet link says. */
export interface Magnet {
  /** At least one of the two. */
  readonly infoHashes: InfoHashes;
  /** `dn`: a name to show until the metadata is here. Not checked: it is no file name. */
  readonly name?: string;
  /** `tr`: tracker URLs, http, https or udp. */
  readonly trackers: readonly string[];
  /** `ws`: HTTP(S) seeds, BEP 19. */
  readonly webSeeds: readonly string[];
  /** `x.pe`: peers by address; host names are left out, because nothing here resolves any. */
  readonly peers: readonly PeerAddress[];
  /** `so`, BEP 53: only these files are wanted. Absent means all. */
  readonly selectOnly?: readonly FileRange[];
}

/** Characters of a link. */
const LINK_LENGTH_MAX = 64 * 1024;
const NAME_LENGTH_MAX = 1024;
/** Trackers, web seeds, peers and ranges: of each kind this many are kept. */
const ENTRIES_MAX = 200;
/** File numbers end where file lists do. */
const FILE_INDEX_MAX = 999_999;

/**
 * Reads a magnet link, BEP 9 and 53. `xt` may be `urn:btih:` (40 hex digits or 32 of base32) and `urn:btmh:` (SHA-256, BEP 52).
 * Trackers, web seeds and peers that are not usable are left out; unknown parameters are ignored.
 * Throws `WireError` `magnet-invalid` when it is no magnet link, names no info-hash or two, or `so` cannot be read.
 */
export function parseMagnet(text: string): Magnet {
  if (text.length > LINK_LENGTH_MAX) {
    throw invalid(`it has ${text.length} characters; at most ${LINK_LENGTH_MAX} are read`);
  }
  const link = text.trim();
  if (!/^magnet:\?/i.test(link))
    throw invalid('it does not begin with `magnet:?`; pass the whole link, in quotes');
  const parameters = parametersOf(link.slice('magnet:?'.length));
  const name = parameters.find(([key]) => key === 'dn')?.[1].slice(0, NAME_LENGTH_MAX);
  const ranges = valuesOf(parameters, 'so').flatMap(rangesOf);
  const peers = valuesOf(parameters, 'x.pe').map(peerOf);
  return {
    infoHashes: infoHashesOf(valuesOf(parameters, 'xt')),
    trackers: kept(valuesOf(parameters, 'tr').filter(isTrackerUrl)),
    webSeeds: kept(valuesOf(parameters, 'ws').filter(isWebSeedUrl)),
    peers: peers.filter((peer) => peer !== undefined).slice(0, ENTRIES_MAX),
    ...(name !== undefined && name !== '' && { name }),
    ...(ranges.length > 0 && { selectOnly: ranges }),
  };
}

/** The link that `parseMagnet` reads back as the same. Throws `RangeError` when there is no info-hash. */
export function formatMagnet(magnet: Magnet): string {
  const { v1, v2 } = magnet.infoHashes;
  if (v1 === undefined && v2 === undefined) throw new RangeError('a magnet link needs an info-hash');
  const ranges = magnet.selectOnly ?? [];
  return `magnet:?${[
    ...(v1 === undefined ? [] : [`xt=urn:btih:${hexOf(v1)}`]),
    ...(v2 === undefined ? [] : [`xt=urn:btmh:${SHA256_MULTIHASH}${hexOf(v2)}`]),
    ...(magnet.name === undefined ? [] : [`dn=${encodeURIComponent(magnet.name)}`]),
    ...magnet.trackers.map((url) => `tr=${encodeURIComponent(url)}`),
    ...magnet.webSeeds.map((url) => `ws=${encodeURIComponent(url)}`),
    ...magnet.peers.map((peer) => `x.pe=${peerText(peer)}`),
    ...(ranges.length === 0 ? [] : [`so=${ranges.map(rangeText).join(',')}`]),
  ].join('&')}`;
}

/** Multihash prefix: function 0x12 is SHA-256, 0x20 its length. */
const SHA256_MULTIHASH = '1220';

function parametersOf(query: string): [key: string, value: string][] {
  const parameters: [string, string][] = [];
  for (const part of query.split('&')) {
    const [rawKey = '', ...rest] = part.split('=');
    // `tr.1=` and the like number parameters of one kind; `x.pe` is a name of its own.
    const key = rawKey.toLowerCase().replace(/\.\d+$/, '');
    parameters.push([key, decoded(rest.join('='), key === 'dn')]);
  }
  return parameters;
}

/** Percent-decoding; in names, `+` means a space as in forms, because many sites write them so. Broken escapes stay as they are. */
function decoded(value: string, form: boolean): string {
  const text = form ? value.replaceAll('+', ' ') : value;
  return text.replaceAll(/(?:%[\da-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch (error) {
      if (error instanceof URIError) return run;
      throw error;
    }
  });
}

function valuesOf(parameters: readonly [string, string][], wanted: string): string[] {
  return parameters.flatMap(([key, value]) => (key === wanted && value !== '' ? [value] : []));
}

function kept(urls: readonly string[]): string[] {
  return [...new Set(urls)].slice(0, ENTRIES_MAX);
}

function infoHashesOf(topics: readonly string[]): InfoHashes {
  let v1: Uint8Array | undefined;
  let v2: Uint8Array | undefined;
  for (const topic of topics) {
    const [, scheme = '', hash = ''] = /^urn:(bt[im]h):(.*)$/i.exec(topic) ?? [];
    if (scheme.toLowerCase() === 'btih') v1 = same(v1, btih(hash));
    if (scheme.toLowerCase() === 'btmh') v2 = same(v2, btmh(hash));
  }
  if (v1 === undefined && v2 === undefined) {
    throw invalid('it names no torrent: `xt=urn:btih:…` is missing; copy the whole link, in quotes');
  }
  return { ...(v1 !== undefined && { v1 }), ...(v2 !== undefined && { v2 }) };
}

function same(known: Uint8Array | undefined, found: Uint8Array): Uint8Array {
  if (known !== undefined && hexOf(known) !== hexOf(found)) {
    throw invalid('it names two torrents; pass a link for each');
  }
  return found;
}

function btih(hash: string): Uint8Array {
  const bytes = hash.length === 40 ? bytesOfHex(hash) : bytesOfBase32(hash);
  if (bytes === undefined) {
    throw invalid(
      `its info-hash ${quoted(hash)} is not 40 hex digits or 32 characters of base32; copy it again`,
    );
  }
  return bytes;
}

function btmh(hash: string): Uint8Array {
  const bytes =
    hash.startsWith(SHA256_MULTIHASH) && hash.length === 68 ? bytesOfHex(hash.slice(4)) : undefined;
  if (bytes === undefined) {
    throw invalid(`its v2 info-hash ${quoted(hash)} is not 1220 and 64 hex digits; copy it again`);
  }
  return bytes;
}

/** RFC 4648 base32 of exactly 20 bytes, in any case. */
function bytesOfBase32(text: string): Uint8Array | undefined {
  if (!/^[a-z2-7]{32}$/i.test(text)) return undefined;
  const bytes = new Uint8Array(20);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of text.toUpperCase()) {
    held = ((held << 5) | BASE32.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = held >>> bits;
  }
  return bytes;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function peerOf(text: string): PeerAddress | undefined {
  const [, inBrackets, plain = '', portText = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? [];
  const ip = normalizeIp(inBrackets ?? plain);
  const port = Number(portText);
  return ip === undefined || port < 1 || port > 0xffff ? undefined : { ip, port };
}

function peerText(peer: PeerAddress): string {
  return peer.ip.includes(':') ? `[${peer.ip}]:${peer.port}` : `${peer.ip}:${peer.port}`;
}

/** BEP 53: `0,2,4,6-8`. */
function rangesOf(text: string): FileRange[] {
  const parts = text.split(',');
  if (parts.length > ENTRIES_MAX)
    throw invalid(`\`so\` has ${parts.length} entries; at most ${ENTRIES_MAX} are read`);
  return parts.map((part) => {
    const [, firstText, lastText] = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part) ?? [];
    const first = Number(firstText);
    const last = Number(lastText ?? firstText);
    if (firstText === undefined || last < first || last > FILE_INDEX_MAX) {
      throw invalid(`\`so\` has ${quoted(part)}; write file numbers and ranges, such as 0,2,6-8`);
    }
    return { first, last };
  });
}

function rangeText({ first, last }: FileRange): string {
  return first === last ? `${first}` : `${first}-${last}`;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

function invalid(what: string): WireError {
  return new WireError('magnet-invalid', `the magnet link is invalid: ${what}`);
}

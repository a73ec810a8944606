import { utf8Bytes, binaryText } from '../text.ts';
import { WireError } from '../wire-error.ts';

/** Where local service discovery announces, BEP 14: one multicast group per family. */
export const LSD_GROUPS: {
  readonly 4: { readonly ip: string; readonly host: string };
  readonly 6: { readonly ip: string; readonly host: string };
} = {
  4: { ip: '239.192.152.143', host: '239.192.152.143:6771' },
  6: { ip: 'ff15::efc0:988f', host: '[ff15::efc0:988f]:6771' },
};

export const LSD_PORT: number = 6771;

/** Most info-hashes in one announce: what fits into a datagram of 1400 bytes beside the other headers. */
export const LSD_INFO_HASHES_MAX: number = 20;

/** An announce on the local network, BEP 14. Who sent it, only the datagram's source address tells. */
export interface LsdAnnounce {
  /** 20 bytes each; 1 to `LSD_INFO_HASHES_MAX`. */
  readonly infoHashes: readonly Uint8Array[];
  /** The sender's listening TCP port. */
  readonly port: number;
  /** An opaque text by which a sender knows its own announces again. */
  readonly cookie?: string;
}

const DATAGRAM_LENGTH_MAX = 1400;
const COOKIE_LENGTH_MAX = 64;
const HEADERS_MAX = 64;
const REQUEST_LINE = /^BT-SEARCH \* HTTP\/1\.\d$/;

/**
 * An announce for the group of `family`. Throws `RangeError` for no or too many info-hashes and for a cookie that does not
 * fit a header: mistakes of the caller.
 */
export function encodeLsdAnnounce(announce: LsdAnnounce, family: 4 | 6): Uint8Array {
  const { infoHashes, port, cookie } = announce;
  if (infoHashes.length === 0 || infoHashes.length > LSD_INFO_HASHES_MAX)
    throw new RangeError(`${infoHashes.length} info-hashes, 1 to ${LSD_INFO_HASHES_MAX} allowed`);
  if (cookie !== undefined && !isCookie(cookie)) throw new RangeError('not a cookie of visible ASCII');
  const lines = [
    'BT-SEARCH * HTTP/1.1',
    `Host: ${LSD_GROUPS[family].host}`,
    `Port: ${port}`,
    ...infoHashes.map((infoHash) => `Infohash: ${hexOf(infoHash)}`),
    ...(cookie === undefined ? [] : [`cookie: ${cookie}`]),
    '',
    '',
    '',
  ];
  return utf8Bytes(lines.join('\r\n'));
}

/**
 * Reads an announce. Header names in any case, in any order; unknown ones and info-hashes of other lengths are passed over, as
 * are info-hashes beyond the most, and a cookie that is none.
 *
 * @throws WireError `announce-malformed`
 */
export function decodeLsdAnnounce(datagram: Uint8Array): LsdAnnounce {
  if (datagram.length > DATAGRAM_LENGTH_MAX) throw malformed(`${datagram.length} bytes`);
  const [requestLine = '', ...lines] = binaryText(datagram).split('\r\n', HEADERS_MAX);
  if (!REQUEST_LINE.test(requestLine)) throw malformed('another request');
  const infoHashes: Uint8Array[] = [];
  let port: number | undefined;
  let cookie: string | undefined;
  for (const line of lines) {
    if (line === '') break;
    const [name, value] = splitHeader(line);
    if (name === 'port') port = portOf(value);
    else if (name === 'cookie' && isCookie(value)) cookie = value;
    else if (name === 'infohash' && infoHashes.length < LSD_INFO_HASHES_MAX)
      infoHashes.push(...infoHashOf(value));
  }
  if (port === undefined) throw malformed('no port');
  if (infoHashes.length === 0) throw malformed('no info-hash');
  return { infoHashes, port, ...(cookie !== undefined && { cookie }) };
}

function splitHeader(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  if (colon === -1) throw malformed('a line that is no header');
  return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
}

/** A decimal number and nothing else. */
function portOf(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port < 1 || port > 65_535) throw malformed('a port that is none');
  return port;
}

function infoHashOf(value: string): readonly Uint8Array[] {
  if (!/^[0-9a-f]{40}$/i.test(value)) return [];
  return [
    Uint8Array.from({ length: 20 }, (_, index) => Number.parseInt(value.slice(2 * index, 2 * index + 2), 16)),
  ];
}

function isCookie(text: string): boolean {
  return text.length > 0 && text.length <= COOKIE_LENGTH_MAX && /^[\x21-\x7e]+$/.test(text);
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function malformed(what: string): WireError {
  return new WireError('announce-malformed', `local announce: ${what}`);
}

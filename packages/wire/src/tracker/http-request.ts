import type { AnnounceRequest } from './announce.ts';

/**
 * The URL of an announce over HTTP (BEP 3, 7, 23): `baseUrl` with everything that the request says added to its query, which
 * stays (passkeys live there); a fragment is cut off. The caller has judged `baseUrl`.
 */
export function announceUrl(baseUrl: string, request: AnnounceRequest): string {
  return withQuery(baseUrl, [
    ['info_hash', percentEncode(request.infoHash)],
    ['peer_id', percentEncode(request.peerId)],
    ['port', String(request.port)],
    ['uploaded', String(request.uploaded)],
    ['downloaded', String(request.downloaded)],
    ['left', String(request.left)],
    ['event', request.event],
    ['key', request.key.toString(16).padStart(8, '0').toUpperCase()],
    ['numwant', String(request.numWant)],
    ['compact', '1'],
    ['no_peer_id', '1'],
    ['trackerid', request.trackerId && percentEncode(request.trackerId)],
    ['ipv4', request.ipv4],
    ['ipv6', request.ipv6 && encodeColons(request.ipv6)],
  ]);
}

/**
 * The URL of a scrape over HTTP (BEP 48): the last path segment's `announce` becomes `scrape`. Undefined when the tracker
 * does not follow that convention and therefore has no scrape.
 */
export function scrapeUrl(baseUrl: string, infoHashes: readonly Uint8Array[]): string | undefined {
  const [path = '', query] = splitOnce(withoutFragment(baseUrl), '?');
  const segment = path.lastIndexOf('/') + 1;
  if (!path.startsWith('announce', segment)) return undefined;
  const scrape = `${path.slice(0, segment)}scrape${path.slice(segment + 'announce'.length)}`;
  return withQuery(
    query === undefined ? scrape : `${scrape}?${query}`,
    infoHashes.map((infoHash) => ['info_hash', percentEncode(infoHash)]),
  );
}

/** Every byte that is not unreserved (RFC 3986) as `%XX`: hashes and ids are no text and must arrive bit by bit. */
function percentEncode(bytes: Uint8Array): string {
  let encoded = '';
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-._~]/.test(character)
      ? character
      : `%${byte.toString(16).padStart(2, '0').toUpperCase()}`;
  }
  return encoded;
}

function encodeColons(ip: string): string {
  return ip.replaceAll(':', '%3A');
}

function withQuery(url: string, fields: readonly (readonly [string, string | undefined])[]): string {
  const base = withoutFragment(url);
  const query = fields
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
  if (!base.includes('?')) return `${base}?${query}`;
  return /[?&]$/.test(base) ? base + query : `${base}&${query}`;
}

function withoutFragment(url: string): string {
  return splitOnce(url, '#')[0] ?? url;
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

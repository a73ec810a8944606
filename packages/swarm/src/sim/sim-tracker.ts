import { encodeBencode } from '@brine/wire';
import type { PeerAddress } from '@brine/wire';

import type { HttpResponse } from '../ports/http.ts';
import type { SimHost } from './sim-host.ts';
import type { SimUrl, SimWebServer } from './sim-http.ts';

export interface SimTrackerOptions {
  /** Seconds between announces, default 1800. */
  readonly intervalSeconds?: number;
  /** Peers in an answer at most, default 50. */
  readonly peersMax?: number;
}

/** One announce as it came in. */
export interface Announce {
  readonly infoHash: string;
  readonly from: PeerAddress;
  readonly event: string | undefined;
  readonly left: number;
  readonly uploaded: number;
  readonly downloaded: number;
}

/** An HTTP tracker (BEP 3, 23): remembers who announced what, and tells the latest others. */
export class SimTracker implements SimWebServer {
  /** Every announce, in order. */
  readonly announces: Announce[] = [];
  /** What to answer instead, for a tracker that is ill. */
  answerInstead: HttpResponse | 'silence' | undefined;
  readonly #options: SimTrackerOptions;
  readonly #swarms = new Map<string, Map<string, PeerAddress>>();

  constructor(options: SimTrackerOptions = {}) {
    this.#options = options;
  }

  answer(url: SimUrl, from: SimHost): HttpResponse | undefined {
    if (this.answerInstead === 'silence') return undefined;
    if (this.answerInstead !== undefined) return this.answerInstead;
    const query = rawQuery(url.search);
    const infoHash = percentDecoded(query.get('info_hash') ?? '');
    const announce: Announce = {
      infoHash,
      from: { ip: from.addresses[0]!, port: Number(query.get('port')) },
      event: query.get('event'),
      left: Number(query.get('left')),
      uploaded: Number(query.get('uploaded')),
      downloaded: Number(query.get('downloaded')),
    };
    if (infoHash.length !== 40) return failure('info_hash is not 20 bytes');
    this.announces.push(announce);
    return { status: 200, body: this.#enter(announce) };
  }

  #enter(announce: Announce): Uint8Array {
    const swarm = this.#swarms.get(announce.infoHash) ?? new Map<string, PeerAddress>();
    this.#swarms.set(announce.infoHash, swarm);
    const key = `${announce.from.ip} ${announce.from.port}`;
    const others = [...swarm.entries()].filter(([other]) => other !== key).map(([, peer]) => peer);
    swarm.delete(key);
    if (announce.event !== 'stopped') swarm.set(key, announce.from);
    const told = others.slice(-(this.#options.peersMax ?? 50)).filter((peer) => !peer.ip.includes(':'));
    return encodeBencode({
      interval: this.#options.intervalSeconds ?? 1800,
      peers: Uint8Array.from(told.flatMap(compact)),
    });
  }
}

function failure(reason: string): HttpResponse {
  return { status: 200, body: encodeBencode({ 'failure reason': reason }) };
}

function compact(peer: PeerAddress): readonly number[] {
  return [...peer.ip.split('.').map(Number), peer.port >> 8, peer.port & 0xff];
}

/** Values stay percent-encoded: an info-hash is bytes, not text. */
function rawQuery(search: string): Map<string, string> {
  const pairs = search.replace(/^\?/u, '').split('&');
  return new Map(
    pairs.map((pair): [string, string] => {
      const [name = '', value = ''] = pair.split('=', 2);
      return [name, value];
    }),
  );
}

/** Percent-encoded bytes as hex. */
function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9a-fA-F]{2})|(.)/gu, (_, hex: string | undefined, character: string) =>
    (hex ?? character.charCodeAt(0).toString(16).padStart(2, '0')).toLowerCase(),
  );
}

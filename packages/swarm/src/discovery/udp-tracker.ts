import type { AnnounceRequest } from '@brine/wire';

import type { AnnounceOutcome, TrackerClient } from './tracker-client.ts';
import { absence, failure, failureOf } from './tracker-trouble.ts';
import { familyOf, type UdpTrackerClient } from './udp-tracker-client.ts';

/** A tracker that speaks UDP, BEP 15, found by name at each announce (addresses change, and lookups are cached by the platform). */
export class UdpTracker implements TrackerClient {
  readonly #url: string;
  readonly #udp: UdpTrackerClient;
  readonly #trusted: boolean;

  /** `trusted`: an administrator named the URL, so it may be on loopback. */
  constructor(options: { readonly url: string; readonly udp: UdpTrackerClient; readonly trusted: boolean }) {
    this.#url = options.url;
    this.#udp = options.udp;
    this.#trusted = options.trusted;
  }

  announce(request: AnnounceRequest, until: Promise<void>): readonly Promise<AnnounceOutcome>[] {
    const server = parseUdpUrl(this.#url);
    if (server === undefined) {
      const message = `${this.#url.slice(0, 200)} has no host and port; a UDP tracker's URL is udp://host:port`;
      return [Promise.resolve(failure('tracker-url-invalid', message))];
    }
    const addresses = this.#udp.resolve(server.host, this.#trusted);
    return ([4, 6] as const).map(async (family) => {
      try {
        const ip = (await addresses).find((found) => familyOf(found) === family);
        if (ip !== undefined)
          return await this.#udp.announce({ ip, port: server.port }, request, server.urlData, until);
        return absence('tracker-no-address', `${server.host} has no IPv${family} address`);
      } catch (error) {
        return failureOf(error);
      }
    });
  }
}

interface UdpServer {
  readonly host: string;
  readonly port: number;
  /** Path and query as BEP 41 sends them; empty for the usual `/announce`, which tells a tracker nothing. */
  readonly urlData: string;
}

function parseUdpUrl(url: string): UdpServer | undefined {
  const match = udpUrl.exec(url)?.groups;
  const host = match?.['ip6'] ?? match?.['name'];
  const port = Number(match?.['port']);
  const path = match?.['path'] ?? '';
  if (host === undefined || port < 1 || port > 65_535) return undefined;
  return { host, port, urlData: /^\/?(?:announce)?$/u.test(path) ? '' : path };
}

/** There is no default port. */
const udpUrl =
  /^udp:\/\/(?:\[(?<ip6>[\da-f:.]+)\]|(?<name>[^\s/:?#@[\]]+)):(?<port>\d{1,5})(?<path>(?:[/?][^#]*)?)(?:#|$)/iu;

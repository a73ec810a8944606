import { announceUrl, type AnnounceRequest, parseAnnounceResponse, TrackerFailure } from '@brine/wire';

import type { Http } from '../ports/http.ts';

import type { AnnounceOutcome, TrackerClient } from './tracker-client.ts';
import { failure, failureOf } from './tracker-trouble.ts';

/** Time for one announce, redirects included. */
const HTTP_ANNOUNCE_TIMEOUT_MS = 30_000;
/** A compact answer with 2,000 IPv6 peers is 36 KB; the old dictionary form, 200 KB. */
const HTTP_ANSWER_MAX = 512 * 1024;

/** A tracker that speaks HTTP(S), BEP 3, 7, 23, 24, 31. */
export class HttpTracker implements TrackerClient {
  readonly #url: string;
  readonly #http: Http;
  readonly #trusted: boolean;

  /** `trusted`: an administrator named the URL, so it may be on loopback. */
  constructor(options: { readonly url: string; readonly http: Http; readonly trusted: boolean }) {
    this.#url = options.url;
    this.#http = options.http;
    this.#trusted = options.trusted;
  }

  announce(request: AnnounceRequest, until: Promise<void>): readonly Promise<AnnounceOutcome>[] {
    return [this.#announce(4, request, until), this.#announce(6, request, until)];
  }

  async #announce(family: 4 | 6, request: AnnounceRequest, until: Promise<void>): Promise<AnnounceOutcome> {
    try {
      const { status, body } = await this.#http.get(announceUrl(this.#url, request), {
        timeoutMs: HTTP_ANNOUNCE_TIMEOUT_MS,
        bodyMax: HTTP_ANSWER_MAX,
        family,
        trusted: this.#trusted,
        until,
      });
      return outcomeOf(status, body);
    } catch (error) {
      return failureOf(error);
    }
  }
}

/** Trackers that refuse say why in the body, whatever the status; a web server that is no tracker only has a status. */
function outcomeOf(status: number, body: Uint8Array): AnnounceOutcome {
  try {
    const response = parseAnnounceResponse(body);
    if (status >= 200 && status <= 299) return { type: 'answered', response };
  } catch (error) {
    if (error instanceof TrackerFailure || status === 200) return failureOf(error);
  }
  return failure('tracker-http-status', `the tracker answered with HTTP status ${status}`);
}

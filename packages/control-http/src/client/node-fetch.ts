import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';

/** Ways to a service that the platform's `fetch` does not know. */
export interface NodeFetchOptions {
  /** A Unix socket, whatever the URL's host says. */
  readonly socketPath?: string;
  /** Certificates of authorities, PEM, that are trusted instead of the platform's. */
  readonly ca?: string;
  /** The one certificate, PEM, that the service has; what names it is for does not matter then. */
  readonly certificate?: string;
}

/** A `fetch` for `ControlClient` on Node: as much of it as that needs. Redirects are answers, and so errors. */
export function nodeFetch(options: NodeFetchOptions): typeof fetch {
  const way = wayOf(options);
  // Of its own: the platform's common ones hand connections on to callers who check certificates otherwise.
  const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const { method = 'GET', headers, body, signal } = init;
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const isSecure = url.protocol === 'https:';
      const make = isSecure ? requestHttps : requestHttp;
      const agent = isSecure ? agents.https : agents.http;
      const sent = {
        ...way,
        agent,
        method,
        headers: headers as Record<string, string>,
        signal: signal ?? undefined,
      };
      make(url, sent as RequestOptions, resolve)
        .once('error', reject)
        .end(body);
    });
    return responseOf(answer);
  };
}

function wayOf({ socketPath, ca, certificate }: NodeFetchOptions): object {
  return {
    ...(socketPath === undefined ? {} : { socketPath }),
    ...(ca === undefined ? {} : { ca }),
    ...(certificate === undefined
      ? {}
      : // An authority's signature is not asked for, since it is this certificate and no other.
        { ca: certificate, allowPartialTrustChain: true, checkServerIdentity: () => undefined }),
  };
}

function responseOf(answer: IncomingMessage): Response {
  const { statusCode: status = 0, headers } = answer;
  const isEmpty = status === 204 || status === 304;
  if (isEmpty) answer.resume();
  const told = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  const body = isEmpty ? null : (Readable.toWeb(answer) as unknown as ReadableStream<Uint8Array>);
  return new Response(body, { status, headers: told });
}

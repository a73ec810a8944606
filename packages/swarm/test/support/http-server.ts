import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the server saw it. */
interface SeenRequest {
  readonly path: string;
  readonly query: ReadonlyMap<string, string>;
  readonly headers: IncomingMessage['headers'];
}

/** Answers a request; a function that never ends the response is a tracker that hangs. */
export type Respond = (seen: SeenRequest, response: ServerResponse) => void;

/** An HTTP server on a loopback port, by default a free one. */
export interface TestHttpServer extends AsyncDisposable {
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly port: number;
  /** All requests so far. */
  readonly seen: readonly SeenRequest[];
}

export async function startHttpServer(
  respond: Respond,
  host = '127.0.0.1',
  port = 0,
): Promise<TestHttpServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const fields = query.split('&').map((field) => field.split('=') as [string, string?]);
    const one = {
      path,
      query: new Map(fields.map(([name, value]) => [name, value ?? ''])),
      headers: request.headers,
    };
    seen.push(one);
    respond(one, response);
  });
  await new Promise<void>((listening) => {
    server.listen(port, host, listening);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** The body of a good answer, BEP 3 and 23: an interval and one peer, 10.0.0.1:6881. */
export function announceAnswer(extra = '', intervalSeconds = 1800): string {
  return `d8:intervali${intervalSeconds}e5:peers6:\n\u0000\u0000\u0001\u001a\u00e1${extra}e`;
}

/** Ends a response with a body given as Latin-1 text. */
export function endWith(response: ServerResponse, body: string): void {
  response.end(Buffer.from(body, 'latin1'));
}

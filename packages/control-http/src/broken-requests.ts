import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

import { makeProblem } from './problem.ts';
import type { ProblemCode } from './problem.ts';

/** Answers bytes in which the platform's parser found no request, and closes the connection. */
export function refuseBytes(error: BrokenRequest, socket: Socket): void {
  if (!socket.writable || socket.bytesWritten > 0 || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const [code, detail] = troubleOf(error);
  const problem = makeProblem(code, detail);
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...(code === 'method-unknown' ? ['allow: GET, HEAD, PUT, POST, DELETE'] : []),
    'connection: close',
  ];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}

type BrokenRequest = NodeJS.ErrnoException & { readonly rawPacket?: unknown };

function troubleOf({ code = '', rawPacket }: BrokenRequest): readonly [ProblemCode, string] {
  // Noise, like the hello of TLS, begins with no method either.
  const begin = rawPacket instanceof Uint8Array ? Buffer.from(rawPacket).toString('latin1', 0, 40) : '';
  const isNoise = code === 'HPE_INVALID_METHOD' && !/^[A-Z-]+ /.test(begin);
  return (isNoise ? undefined : TROUBLES[code]) ?? NO_REQUEST;
}

const NO_REQUEST = ['request-invalid', 'This is no HTTP request.'] as const;
/** By the platform's codes. */
const TROUBLES: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['head-too-large', 'Address and headers may have 16 KiB together.'],
  HPE_INVALID_METHOD: ['method-unknown', 'The API knows no such method; see /docs.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request-late', 'Send the request again, all at once.'],
};

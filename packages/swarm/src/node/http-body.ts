import type { IncomingMessage } from 'node:http';
import { pipeline, type Transform } from 'node:stream';

import { HttpError } from '../ports/http.ts';

/**
 * The whole body of a response, decoded (gzip, deflate). Rejects with `HttpError`: `body-too-large` as soon as the encoded or
 * the decoded form passes `bodyMax` bytes, so a decompression bomb costs no more than that; `encoding-invalid` for an
 * encoding that was not asked for or does not decode.
 */
export async function readBody(response: IncomingMessage, bodyMax: number): Promise<Uint8Array> {
  const encoding = (response.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity') return collect(response, bodyMax);
  const encoded = await collect(response, bodyMax);
  // An empty body (204, say) is empty in every encoding.
  return encoded.length === 0 ? encoded : decode(encoded, encoding, bodyMax);
}

async function collect(chunks: AsyncIterable<Uint8Array>, bodyMax: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop by an error destroys the stream, and with it the connection.
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > bodyMax) throw new HttpError('body-too-large', `the body is longer than ${bodyMax} bytes`);
    parts.push(chunk);
  }
  return concat(parts, length);
}

async function decode(encoded: Uint8Array, encoding: string, bodyMax: number): Promise<Uint8Array> {
  const decoder = await decoderOf(encoding, encoded);
  pipeline([encoded], decoder, ignoreOutcome);
  try {
    return await collect(decoder, bodyMax);
  } catch (cause) {
    if (cause instanceof HttpError) throw cause;
    throw new HttpError('encoding-invalid', `the body does not decode as ${encoding}`, { cause });
  }
}

function ignoreOutcome(): void {
  // Whoever reads the decoder sees the same error.
}

async function decoderOf(encoding: string, encoded: Uint8Array): Promise<Transform> {
  const { createGunzip, createInflate, createInflateRaw } = await import('node:zlib');
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      // RFC 9110 means zlib's format, but some servers send the bare stream: a zlib header has method 8 in its low four bits.
      return ((encoded[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
    default:
      throw new HttpError(
        'encoding-invalid',
        `the body is encoded as ${encoding.slice(0, 40)}, which was not asked for`,
      );
  }
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

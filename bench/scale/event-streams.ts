import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';

/** Opens `count` event streams and reads them. `close` ends them and returns the bytes they brought. */
export function openStreams(
  api: { readonly url: string; readonly token: string },
  count: number,
): { readonly close: () => number } {
  let bytes = 0;
  const headers = { authorization: `Bearer ${api.token}` };
  const read = (response: IncomingMessage): void => {
    response.on('data', (chunk: Buffer) => (bytes += chunk.length));
  };
  const streams = Array.from({ length: count }, () => {
    const call = get(`${api.url}/v1/events`, { headers, agent: false }, read);
    call.on('error', () => call.destroy());
    return call;
  });
  return {
    close: () => {
      for (const stream of streams) stream.destroy();
      return bytes;
    },
  };
}

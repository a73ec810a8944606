import { resolve } from 'node:path';

import type { PayloadMode } from '@brine/control-http/client';

import type { AddressArgument } from '../../address-argument.ts';
import { ExitCode } from '../../exit-codes.ts';
import { readTorrentInput } from '../../torrent-input.ts';
import type { ConnectionOptions } from './connection.ts';
import { openClient } from './connection.ts';
import { progressLine } from './payload-lines.ts';
import { print } from './status.ts';

export interface AddOptions extends ConnectionOptions {
  readonly path?: string;
  readonly mode?: PayloadMode;
  readonly peer?: readonly AddressArgument[];
  readonly tracker?: readonly string[];
  /** Bytes per second. */
  readonly down?: number;
  readonly up?: number;
  readonly paused?: boolean;
  readonly json?: boolean;
}

/** `brine add NAME FILE|MAGNET|INFOHASH`: orders a payload. */
export async function add(name: string, content: string, options: AddOptions): Promise<ExitCode> {
  const { path, mode, peer, tracker, down, up, paused } = options;
  const outcome = await (
    await openClient(options)
  ).putPayload(name, {
    ...(await contentOf(content)),
    ...(path === undefined ? {} : { path: resolve(path) }),
    ...(mode === undefined ? {} : { mode }),
    ...(peer === undefined ? {} : { peers: peer.map(textOf) }),
    ...(tracker === undefined ? {} : { trackers: tracker }),
    ...(paused === undefined ? {} : { paused }),
    ...(down === undefined && up === undefined
      ? {}
      : {
          limits: {
            ...(down === undefined ? {} : { downBytesPerSecond: down }),
            ...(up === undefined ? {} : { upBytesPerSecond: up }),
          },
        }),
  });
  print(options, outcome, [`${outcome.outcome}: ${progressLine(outcome.payload)}`]);
  return ExitCode.done;
}

async function contentOf(
  content: string,
): Promise<{ infohash: string } | { magnet: string } | { torrent: string }> {
  if (/^[0-9a-f]{40}$/i.test(content)) return { infohash: content };
  const input = await readTorrentInput(content);
  if (input.kind === 'magnet') return { magnet: input.magnet };
  return { torrent: Buffer.from(input.bytes).toString('base64') };
}

function textOf({ host, port }: AddressArgument): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

import type { PayloadDetails } from '@brine/control-http/client';

import { ExitCode } from '../../exit-codes.ts';
import { processOutput } from '../../terminal/output.ts';
import { formatSize } from '../../units/size.ts';
import type { ConnectionOptions } from './connection.ts';
import { openClient } from './connection.ts';
import { payloadLines } from './payload-lines.ts';

export interface StatusOptions extends ConnectionOptions {
  readonly json?: boolean;
}

/** `brine status [NAME]`: all payloads, or one closely. */
export async function status(name: string | undefined, options: StatusOptions): Promise<ExitCode> {
  const client = await openClient(options);
  if (name === undefined) {
    const payloads = await client.listPayloads();
    print(options, { payloads }, payloadLines(payloads));
  } else {
    const payload = await client.getPayload(name);
    print(options, payload, detailLines(payload));
  }
  return ExitCode.done;
}

/** JSON for programs, lines for people. */
export function print(options: { readonly json?: boolean }, value: unknown, lines: readonly string[]): void {
  if (options.json === true) processOutput.line(JSON.stringify(value));
  else for (const line of lines) processOutput.line(line);
}

function detailLines(payload: PayloadDetails): string[] {
  const { traffic, pieces, fileCount, connections } = payload;
  const received = (['site', 'near', 'wan'] as const).map(
    (each) => `${formatSize(traffic[each].downloadedBytes)} ${each}`,
  );
  return [
    ...payloadLines([payload]),
    '',
    `place     ${payload.path}`,
    `infohash  ${payload.infohash}`,
    `files     ${fileCount}`,
    `pieces    ${pieces.verified} of ${pieces.count}`,
    `received  ${received.join(', ')}`,
    ...connections.map((peer) => `peer      ${peer.address} ${peer.class} ${peer.client}`),
    ...payload.trackers.map(({ url, status: state }) => `tracker   ${url} ${state}`),
  ];
}

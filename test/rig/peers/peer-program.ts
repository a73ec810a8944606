import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Peer, PeerOrder } from '../peer.ts';
import { Program } from '../program.ts';

/** How a client's printed lines read. */
export interface Signs {
  ready(line: string): boolean;
  complete(line: string): boolean;
}

/** What the hook of `writeHook` prints. */
export const HOOK_LINE = 'payload-complete';

/** Starts a client's command as a peer whose state shows in what it prints. */
export function startPeer(name: string, order: PeerOrder, command: readonly string[], signs: Signs): Peer {
  const label = `${name} ${order.role} ${order.host.ip}`;
  const program = new Program(label, order.host, [...command, ...(order.extra ?? [])]);
  return {
    address: `${order.host.ip}:${order.port}`,
    program,
    ready: async (timeoutMs = 60_000) => {
      await program.line((line) => signs.ready(line), 'ready', timeoutMs);
    },
    complete: async (timeoutMs = 90_000) => {
      const line = await program.line((line) => signs.complete(line), 'complete', timeoutMs);
      return line.at;
    },
    stop: () => program.stop(),
  };
}

/** Writes a script for clients that call one when a payload is complete; it prints `HOOK_LINE` and its arguments. */
export async function writeHook(state: string): Promise<string> {
  const path = join(state, 'complete.sh');
  await writeFile(path, `#!/bin/sh\necho\necho "${HOOK_LINE} $*"\n`, { mode: 0o755 });
  return path;
}

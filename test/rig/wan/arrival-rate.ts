import { setTimeout as delay } from 'node:timers/promises';

import type { FleetHost } from './fleet.ts';

const WITHIN_MS = 60_000;

/**
 * Bits per second at which so many bytes arrive at a host that has just begun: from their first tenth to nine tenths, so that the start of
 * its program does not count. 0 when they do not arrive within a minute.
 */
export async function arrivalRate(host: FleetHost, bytes: number): Promise<number> {
  let begun: { readonly at: number; readonly received: number } | undefined;
  const deadline = performance.now() + WITHIN_MS;
  while (performance.now() < deadline) {
    const received = await host.receivedBytes();
    const at = performance.now();
    if (received > bytes * 0.1) begun ??= { at, received };
    if (begun !== undefined && received > bytes * 0.9)
      return ((received - begun.received) * 8000) / Math.max(1, at - begun.at);
    await delay(5);
  }
  return 0;
}

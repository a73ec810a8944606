import type { Engine } from '@brine/swarm';
import type { PeerAddress } from '@brine/wire';

import type { AddressArgument } from '../address-argument.ts';
import { formatAddress, resolveAddress } from '../address-argument.ts';
import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';

/**
 * Listens where the user said, and only there; without a word from the user on all addresses (IPv6 and IPv4, or IPv4 where
 * there is no IPv6), at the first free port of 6881–6889 (BEP 3's custom), or any free port. Rejects with `CommandError`
 * `listen-failed`.
 */
export async function listenAt(engine: Engine, wanted: AddressArgument | undefined): Promise<PeerAddress> {
  const candidates = wanted === undefined ? DEFAULT_ADDRESSES : (await resolveAddress(wanted)).slice(0, 1);
  let failure: unknown;
  for (const address of candidates) {
    try {
      return await engine.listen(address);
    } catch (error) {
      failure = error;
    }
  }
  const [tried] = candidates;
  throw new CommandError(
    'listen-failed',
    ExitCode.network,
    `Cannot listen on ${tried === undefined ? 'any address' : formatAddress(tried)}: ${whyNot(failure)}`,
    { cause: failure },
  );
}

function whyNot(error: unknown): string {
  switch (errnoOf(error) ?? 'unknown') {
    case 'EADDRINUSE':
      return 'another program uses this port. Choose another with --listen HOST:PORT; port 0 takes any free one.';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address. Name one of its own with --listen, or 0.0.0.0 for all.';
    case 'EACCES':
      return 'this user may not use the port. Choose one above 1023 with --listen HOST:PORT.';
    default:
      return `${error instanceof Error ? error.message : String(error)}. Choose another address with --listen HOST:PORT.`;
  }
}

/** The operating system's error code, wherever it is in the chain of causes. */
function errnoOf(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if ('code' in each && typeof each.code === 'string' && /^E[A-Z]+$/.test(each.code)) return each.code;
  }
  return undefined;
}

const DEFAULT_PORTS = [6881, 6882, 6883, 6884, 6885, 6886, 6887, 6888, 6889, 0];
const DEFAULT_ADDRESSES: readonly PeerAddress[] = ['::', '0.0.0.0'].flatMap((ip) =>
  DEFAULT_PORTS.map((port) => ({ ip, port })),
);

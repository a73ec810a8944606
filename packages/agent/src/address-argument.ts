import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

import type { PeerAddress } from '@brine/wire';

import { CommandError } from './command-error.ts';
import { ExitCode } from './exit-codes.ts';

/** An address as somebody wrote it: the host may be a name. */
export interface AddressArgument {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
}

/** Thrown by `parseAddressArgument`; the message names the accepted forms. */
class AddressError extends Error {
  override readonly name = 'AddressError';
}

/** Parses `host:port`, `192.0.2.1:6881` or `[2001:db8::1]:6881`. Throws `AddressError`. */
export function parseAddressArgument(text: string): AddressArgument {
  const match = /^(?:\[([^\]]+)\]|([^:[\]/\s]+)):(\d{1,5})$/.exec(text);
  if (match === null) throw new AddressError(FORMS);
  const [, bracketed, plain = '', portText] = match;
  const port = Number(portText);
  if (port > 65_535) throw new AddressError(`A port is at most 65535, not ${port}.`);
  if (bracketed?.includes('%') === true) {
    throw new AddressError(
      'An address with a zone (%…) cannot be used: name a global or local IPv6 address.',
    );
  }
  if (bracketed !== undefined && isIP(bracketed) !== 6) {
    throw new AddressError(`Only an IPv6 address stands in brackets. ${FORMS}`);
  }
  return { host: bracketed ?? plain, port };
}

/** The addresses behind the argument: itself, or what name resolution gives. Rejects with `CommandError` `host-unknown`. */
export async function resolveAddress({ host, port }: AddressArgument): Promise<readonly PeerAddress[]> {
  if (isIP(host) !== 0) return [{ ip: host, port }];
  try {
    const found = await lookup(host, { all: true });
    return found.slice(0, ADDRESSES_PER_NAME_MAX).map(({ address }) => ({ ip: address, port }));
  } catch (error) {
    throw new CommandError(
      'host-unknown',
      ExitCode.network,
      `The host name "${host}" cannot be resolved. Check the spelling and this machine's name server, or give an IP address.`,
      { cause: error },
    );
  }
}

/** `192.0.2.1:6881`, `[2001:db8::1]:6881`. */
export function formatAddress({ ip, port }: PeerAddress): string {
  return ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;
}

const FORMS = 'Write HOST:PORT, for example 192.0.2.1:6881, seed.example:6881 or [2001:db8::1]:6881.';
/** A name with more addresses than this is a load balancer; a few of them are enough to begin with. */
const ADDRESSES_PER_NAME_MAX = 4;

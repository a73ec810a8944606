import type { RemoteInfo } from 'node:dgram';

import type { Datagram } from '../ports/datagrams.ts';

/** What node:dgram received, as the port tells of it. The zone of a link-local sender (`fe80::1%eth0`) is no part of an address here. */
export function receivedDatagram(bytes: Uint8Array, from: RemoteInfo): Datagram {
  const ip = from.address.split('%', 1)[0] ?? '';
  return { bytes: new Uint8Array(bytes), from: { ip, port: from.port } };
}

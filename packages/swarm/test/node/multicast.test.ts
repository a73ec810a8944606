import type { PeerAddress } from '@brine/wire';
import { describe, expect, test } from 'vitest';

import { MULTICAST_LINKS_MAX, type MulticastLink, multicastLinks } from '../../src/node/multicast-links.ts';
import { NodeDatagrams } from '../../src/node/node-datagrams.ts';
import { NodeMulticast } from '../../src/node/node-multicast.ts';
import type { Datagram } from '../../src/ports/datagrams.ts';

const lan = { mac: '02:00:00:00:00:01', internal: false } as const;
const none = { mac: '00:00:00:00:00:00', internal: false } as const;

function four(address: string, prefixLength: number, kind: typeof lan | typeof none = lan) {
  return { ...kind, family: 'IPv4', address, netmask: '', cidr: `${address}/${prefixLength}` } as const;
}

function six(address: string, prefixLength: number, scopeid = 0) {
  return {
    ...lan,
    family: 'IPv6',
    address,
    netmask: '',
    cidr: `${address}/${prefixLength}`,
    scopeid,
  } as const;
}

describe('the links of a machine', () => {
  test('are for IPv4 its addresses', () => {
    expect(multicastLinks({ eth0: [four('10.1.2.3', 16), four('192.168.7.1', 24)] })).toEqual([
      {
        family: 4,
        interface: '10.1.2.3',
        addresses: ['10.1.2.3'],
        networks: [{ ip: '10.1.2.3', prefixLength: 16 }],
      },
      {
        family: 4,
        interface: '192.168.7.1',
        addresses: ['192.168.7.1'],
        networks: [{ ip: '192.168.7.1', prefixLength: 24 }],
      },
    ]);
  });

  test('are for IPv6 its interfaces, with the addresses that others can dial', () => {
    const eth0 = [six('fe80::1', 64, 4), six('fd00::2', 64), six('2001:db8::99', 128)];
    const link = {
      family: 6,
      addresses: ['fd00::2', '2001:db8::99'],
      networks: [
        { ip: 'fd00::2', prefixLength: 64 },
        { ip: '2001:db8::99', prefixLength: 64 },
      ],
    };
    expect(multicastLinks({ eth0 }, 'linux')).toEqual([{ ...link, interface: '::%eth0' }]);
    expect(multicastLinks({ Ethernet: eth0 }, 'win32')).toEqual([{ ...link, interface: '::%4' }]);
    expect(multicastLinks({ eth0: [six('fe80::1', 64, 4)] }, 'linux')).toEqual([]);
  });

  test('are neither loopback nor tunnels', () => {
    const lo = [{ ...four('127.0.0.1', 8, none), internal: true }];
    const tun0 = [four('10.8.0.2', 24, none)];
    expect(multicastLinks({ lo, tun0, wg0: [four('10.9.0.2', 24)] })).toEqual([]);
  });

  test('are not more than a socket may join', () => {
    const addresses = Array.from({ length: 300 }, (_, at) => four(`10.${at >> 8}.${at & 255}.1`, 24));
    expect(multicastLinks({ eth0: addresses })).toHaveLength(MULTICAST_LINKS_MAX);
  });
});

describe('a membership', () => {
  const loopback: MulticastLink = {
    family: 4,
    interface: '127.0.0.1',
    addresses: ['127.0.0.1'],
    networks: [{ ip: '127.0.0.1', prefixLength: 8 }],
  };

  /** A port that nobody uses, in a group for tests. */
  async function freeGroup() {
    const probe = await new NodeDatagrams().bind({ ip: '127.0.0.1', port: 0 }, () => undefined);
    probe.close();
    return { ip: '239.255.77.9', port: probe.address.port };
  }

  /** A membership of `group` when these are the links, one list after another. */
  async function join(group: PeerAddress, ...lists: (readonly MulticastLink[])[]) {
    const heard: number[] = [];
    const joined = { count: 0 };
    let hear = (): void => undefined;
    const received = ({ bytes }: Datagram): void => {
      heard.push(...bytes);
      hear();
    };
    const multicast = await NodeMulticast.join({
      group,
      links: () => (lists.length > 1 ? lists.shift() : lists.at(0)) ?? [],
      member: { received, linkJoined: () => (joined.count += 1) },
    });
    const sendAndHear = (byte: number): Promise<void> =>
      new Promise((resolve) => {
        hear = resolve;
        multicast.send(Uint8Array.of(byte));
      });
    return { multicast, heard, joined, sendAndHear, [Symbol.dispose]: () => multicast.close() };
  }

  test('joins links that come later, tells of them, and forgets those that go', async () => {
    using one = await join(await freeGroup(), [], [loopback], [loopback], [], [loopback]);
    one.multicast.send(Uint8Array.of(9));
    await one.multicast.refresh();
    expect(one.joined.count).toBe(1);
    await one.sendAndHear(1);
    await one.multicast.refresh();
    expect(one.joined.count).toBe(1);
    await one.multicast.refresh();
    one.multicast.send(Uint8Array.of(9));
    await one.multicast.refresh();
    expect(one.joined.count).toBe(2);
    await one.sendAndHear(2);
    expect(one.heard).toEqual([1, 2]);
  });

  test('does not hear senders that are not on its links', async () => {
    const group = await freeGroup();
    const elsewhere = { ...loopback, networks: [{ ip: '10.1.2.3', prefixLength: 24 }] };
    using deaf = await join(group, [elsewhere]);
    using other = await join(group, [loopback]);
    await other.sendAndHear(1);
    await other.sendAndHear(2);
    expect(other.heard).toEqual([1, 2]);
    expect(deaf.heard).toEqual([]);
  });

  test('lives with links that vanish before they are used', async () => {
    const gone = { ...loopback, interface: '203.0.113.9', addresses: ['203.0.113.9'] };
    using one = await join(await freeGroup(), [gone, loopback]);
    await one.sendAndHear(1);
    await one.sendAndHear(2);
    expect(one.heard).toEqual([1, 2]);
  });

  test('hears nobody where the system does not tell of its links', async () => {
    const forbidden = (): never => {
      throw Object.assign(new Error('EACCES'), { code: 'ERR_SYSTEM_ERROR' });
    };
    const member = { received: () => undefined, linkJoined: () => undefined };
    const multicast = await NodeMulticast.join({ group: await freeGroup(), links: forbidden, member });
    await multicast.refresh();
    expect(() => multicast.send(Uint8Array.of(1))).not.toThrow();
    multicast.close();
  });

  test('begins to hear when another program no longer keeps the port for itself', async () => {
    const group = await freeGroup();
    const holder = await new NodeDatagrams().bind({ ip: '0.0.0.0', port: group.port }, () => undefined);
    using one = await join(group, [loopback]);
    holder.close();
    await one.multicast.refresh();
    await one.sendAndHear(1);
    expect(one.heard).toEqual([1]);
  });

  test('that is closed while it joins leaves nothing behind', async () => {
    const group = await freeGroup();
    using one = await join(group, [loopback]);
    const refreshing = one.multicast.refresh();
    one.multicast.close();
    await refreshing;
    one.multicast.send(Uint8Array.of(1));
    // Shared ports refuse whoever wants one alone: this works because nobody is left there.
    const alone = await new NodeDatagrams().bind({ ip: '0.0.0.0', port: group.port }, () => undefined);
    alone.close();
    expect(one.heard).toEqual([]);
  });
});

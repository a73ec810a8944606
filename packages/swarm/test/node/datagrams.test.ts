import { expect, test } from 'vitest';

import { HostPolicy } from '../../src/node/host-policy.ts';
import { NodeDatagrams } from '../../src/node/node-datagrams.ts';

test('a name of this machine is refused, unless an administrator named it or loopback is allowed', async () => {
  const strict = new NodeDatagrams();
  await expect(strict.resolve('localhost')).rejects.toMatchObject({ code: 'host-refused' });
  expect(await strict.resolve('localhost', { trusted: true })).toContain('127.0.0.1');
  const open = new NodeDatagrams({ hostPolicy: new HostPolicy({ allowLoopback: true }) });
  expect(await open.resolve('localhost')).toContain('127.0.0.1');
});

test.each(['169.254.169.254', 'fe80::1', '0.0.0.0', '::', '224.0.0.1', 'ff02::1', '::ffff:169.254.1.1'])(
  '%s is refused whoever named it',
  async (host) => {
    await expect(new NodeDatagrams().resolve(host, { trusted: true })).rejects.toMatchObject({
      code: 'host-refused',
    });
  },
);

test('numbers that the platform reads as loopback are loopback', async () => {
  await expect(new NodeDatagrams().resolve('2130706433')).rejects.toBeInstanceOf(Error);
});

test('an IPv6 address comes in the form in which datagrams from it arrive', async () => {
  expect(await new NodeDatagrams().resolve('2001:0DB8:0::0001')).toEqual(['2001:db8::1']);
});

test('IPv4 and IPv6 can be bound on any interface with one port, and senders have addresses of their own family', async () => {
  const datagrams = new NodeDatagrams();
  const froms: string[] = [];
  let seen: () => void;
  const both = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const note = ({ from }: { from: { ip: string } }): void => {
    froms.push(from.ip);
    if (froms.length === 2) seen();
  };
  const four = await datagrams.bind({ ip: '0.0.0.0', port: 0 }, note);
  const six = await datagrams.bind({ ip: '::', port: four.address.port }, note);
  four.send(Uint8Array.of(1), { ip: '127.0.0.1', port: four.address.port });
  six.send(Uint8Array.of(1), { ip: '::1', port: six.address.port });
  await both;
  four.close();
  six.close();
  expect(froms.toSorted()).toEqual(['127.0.0.1', '::1']);
});

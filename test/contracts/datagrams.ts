import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Datagram, Datagrams, DatagramSocket, MulticastSocket } from '@brine/swarm';
import type { PeerAddress } from '@brine/wire';

import { Deferred } from './deferred.ts';

/** Datagrams whose own loopback addresses are to be used, and the way to let their time pass. */
export interface DatagramsUnderTest {
  readonly datagrams: Datagrams;
  /** Its own address on its only link, which knows no IPv6. */
  readonly linkAddress: string;
  readonly until: <T>(promise: Promise<T>) => Promise<T>;
  readonly close?: () => Promise<void>;
}

/** What every implementation of the `Datagrams` port owes to the engine. */
export function datagramsContract(name: string, makeDatagrams: () => Promise<DatagramsUnderTest>): void {
  describe(`${name} as Datagrams`, () => {
    let under: DatagramsUnderTest;
    let sockets: (DatagramSocket | MulticastSocket)[];

    beforeEach(async () => {
      under = await makeDatagrams();
      sockets = [];
    });

    afterEach(async () => {
      for (const socket of sockets) socket.close();
      await under.close?.();
    });

    async function bind(received: (datagram: Datagram) => void, ip = '127.0.0.1'): Promise<DatagramSocket> {
      const socket = await under.until(under.datagrams.bind({ ip, port: 0 }, received));
      sockets.push(socket);
      return socket;
    }

    async function freeGroup(ip = '239.255.77.7'): Promise<PeerAddress> {
      const socket = await bind(ignore);
      socket.close();
      return { ip, port: socket.address.port };
    }

    async function join(
      group: PeerAddress,
      received: (datagram: Datagram) => void,
    ): Promise<MulticastSocket> {
      const socket = await under.until(under.datagrams.joinGroup(group, { received, linkJoined: ignore }));
      sockets.push(socket);
      return socket;
    }

    it('binds a free port and says which', async () => {
      const socket = await bind(ignore);
      expect(socket.address.ip).toBe('127.0.0.1');
      expect(socket.address.port).toBeGreaterThan(0);
    });

    it('carries bytes and the address that an answer reaches', async () => {
      const answer = new Deferred<Datagram>();
      const server = await bind(({ bytes, from }) => server.send(bytes.toReversed(), from));
      const client = await bind((datagram) => answer.resolve(datagram));
      client.send(Uint8Array.of(1, 2, 3), server.address);
      const { bytes, from } = await under.until(answer.promise);
      expect([...bytes]).toEqual([3, 2, 1]);
      expect(from).toEqual(server.address);
    });

    it('gives bytes that belong to the receiver', async () => {
      const both = new Deferred<void>();
      const received: Uint8Array[] = [];
      const server = await bind(({ bytes }) => {
        if (received.push(bytes) === 2) both.resolve();
      });
      const client = await bind(ignore);
      client.send(Uint8Array.of(1, 1, 1), server.address);
      client.send(Uint8Array.of(2, 2, 2), server.address);
      await under.until(both.promise);
      expect(received).toEqual([Uint8Array.of(1, 1, 1), Uint8Array.of(2, 2, 2)]);
    });

    it('loses what nobody can receive in silence, also on a closed socket', async () => {
      const arrived = new Deferred<void>();
      const server = await bind(() => arrived.resolve());
      const gone = await bind(ignore);
      const client = await bind(ignore);
      gone.close();
      gone.close();
      gone.send(Uint8Array.of(1), server.address);
      client.send(Uint8Array.of(1), gone.address);
      client.send(Uint8Array.of(1), { ip: '127.0.0.1', port: 0 });
      client.send(Uint8Array.of(1), server.address);
      await under.until(arrived.promise);
    });

    it('rejects to bind an address that is taken', async () => {
      const taken = await bind(ignore);
      await expect(under.until(under.datagrams.bind(taken.address, ignore))).rejects.toBeInstanceOf(Error);
    });

    it('brings what is sent to a group to all its members at one port, the sender included', async () => {
      const group = await freeGroup();
      const [one, other] = [new Deferred<Datagram>(), new Deferred<Datagram>()];
      const sender = await join(group, (datagram) => one.resolve(datagram));
      await join(group, (datagram) => other.resolve(datagram));
      sender.send(Uint8Array.of(1, 2, 3));
      for (const { bytes, from } of await under.until(Promise.all([one.promise, other.promise]))) {
        expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
        expect(from.ip).toBe(under.linkAddress);
      }
    });

    it('sends to a group from the address that is named, and from nowhere else', async () => {
      const group = await freeGroup();
      const heard = new Deferred<Datagram>();
      const member = await join(group, (datagram) => heard.resolve(datagram));
      expect(member.send(Uint8Array.of(1), '203.0.113.77')).toBe(false);
      expect(member.send(Uint8Array.of(2), under.linkAddress)).toBe(true);
      const { bytes, from } = await under.until(heard.promise);
      expect(bytes).toEqual(Uint8Array.of(2));
      expect(from.ip).toBe(under.linkAddress);
    });

    it('keeps groups apart, and those who left', async () => {
      const group = await freeGroup();
      const heard: number[] = [];
      const [gone, last] = [new Deferred<void>(), new Deferred<void>()];
      const note = ({ bytes }: Datagram): void => {
        heard.push(...bytes);
        (bytes[0] === 1 ? gone : last).resolve();
      };
      const member = await join(group, note);
      const elsewhere = await join({ ip: '239.255.77.8', port: group.port }, ignore);
      const leaver = await join(group, () => heard.push(0));
      leaver.close();
      leaver.close();
      expect(leaver.send(Uint8Array.of(9))).toBe(false);
      elsewhere.send(Uint8Array.of(8));
      member.send(Uint8Array.of(1));
      await under.until(gone.promise);
      member.send(Uint8Array.of(2));
      await under.until(last.promise);
      expect(heard).toEqual([1, 2]);
    });

    it('joins a group of a family that it has no link of, and nobody is heard', async () => {
      const { port } = await freeGroup();
      const group = await freeGroup();
      const heard: string[] = [];
      const done = new Deferred<void>();
      const lonely = await join({ ip: 'ff15::77', port }, () => heard.push('lonely'));
      const member = await join(group, () => {
        heard.push('member');
        done.resolve();
      });
      expect(lonely.send(Uint8Array.of(1))).toBe(false);
      member.send(Uint8Array.of(2));
      await under.until(done.promise);
      expect(heard).toEqual(['member']);
    });

    it('resolves an address to itself', async () => {
      expect(await under.until(under.datagrams.resolve('10.1.2.3'))).toEqual(['10.1.2.3']);
    });
  });
}

function ignore(): void {
  // A socket that only sends.
}

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { Datagram, Datagrams, DatagramSocket } from '@brine/swarm';

import { Deferred } from './deferred.ts';

/** Datagrams whose own loopback addresses are to be used, and the way to let their time pass. */
export interface DatagramsUnderTest {
  readonly datagrams: Datagrams;
  readonly until: <T>(promise: Promise<T>) => Promise<T>;
  readonly close?: () => Promise<void>;
}

/** What every implementation of the `Datagrams` port owes to the engine. */
export function datagramsContract(name: string, makeDatagrams: () => Promise<DatagramsUnderTest>): void {
  describe(`${name} as Datagrams`, () => {
    let under: DatagramsUnderTest;
    let sockets: DatagramSocket[];

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

    it('resolves an address to itself', async () => {
      expect(await under.until(under.datagrams.resolve('10.1.2.3'))).toEqual(['10.1.2.3']);
    });
  });
}

function ignore(): void {
  // A socket that only sends.
}

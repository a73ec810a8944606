import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import type { ByteStream, Listener, Network, StreamFailure } from '@brine/swarm';

import { Deferred } from './deferred.ts';

/** A network whose own loopback addresses are to be used, and the way to let its time pass. */
export interface NetworkUnderTest {
  readonly network: Network;
  /** Lets time pass until the promise settles. A real network only waits. */
  readonly until: <T>(promise: Promise<T>) => Promise<T>;
  readonly close?: () => Promise<void>;
}

/** What every implementation of the `Network` port owes to the engine. */
export function networkContract(name: string, makeNetwork: () => Promise<NetworkUnderTest>): void {
  describe(`${name} as a Network`, () => {
    let under: NetworkUnderTest;
    let listeners: Listener[];
    let streams: ByteStream[];

    beforeEach(async () => {
      under = await makeNetwork();
      listeners = [];
      streams = [];
    });

    afterEach(async () => {
      for (const stream of streams) stream.abort();
      await under.until(Promise.all(listeners.map((listener) => listener.close())));
      await under.close?.();
    });

    async function listen(accept: (stream: ByteStream) => void, ip = '127.0.0.1'): Promise<Listener> {
      const noted = (stream: ByteStream): void => {
        streams.push(stream);
        accept(stream);
      };
      const listener = await under.until(under.network.listen({ ip, port: 0 }, noted));
      listeners.push(listener);
      return listener;
    }

    function connect(listener: Listener): End {
      const stream = under.network.connect(listener.address);
      streams.push(stream);
      return new End(stream);
    }

    /** Two ends of a connection, both opened. */
    async function pair(ip = '127.0.0.1'): Promise<readonly [caller: End, server: End]> {
      const accepted = new Deferred<End>();
      const listener = await listen((stream) => accepted.resolve(new End(stream)), ip);
      const caller = connect(listener);
      await under.until(caller.connected);
      return [caller, await under.until(accepted.promise)];
    }

    /** A round trip on a connection of its own: whatever was under way by then has happened. */
    async function barrier(): Promise<void> {
      const [caller, server] = await pair();
      caller.stream.write(Uint8Array.of(1));
      await under.until(server.receivedBytes(1));
      server.stream.write(Uint8Array.of(2));
      await under.until(caller.receivedBytes(1));
      caller.stream.close();
      await under.until(server.closed);
    }

    it('picks a free port and says which', async () => {
      const listener = await listen(() => undefined);
      expect(listener.address.ip).toBe('127.0.0.1');
      expect(listener.address.port).toBeGreaterThan(0);
    });

    it('refuses to listen where somebody listens', async () => {
      const { address } = await listen(() => undefined);
      await expect(under.until(under.network.listen(address, () => undefined))).rejects.toMatchObject({
        code: 'EADDRINUSE',
      });
    });

    it('connects, and each side knows the address of the other', async () => {
      const [caller, server] = await pair();
      expect(server.stream.remote).toEqual(caller.stream.local);
      expect(caller.stream.remote).toEqual(server.stream.local);
    });

    it('connects over IPv6', async () => {
      const [caller, server] = await pair('::1');
      caller.stream.write(Uint8Array.of(7));
      expect(await under.until(server.receivedBytes(1))).toEqual(Uint8Array.of(7));
      expect(server.stream.remote.ip).toBe('::1');
    });

    it('reports a refused connection through the sink', async () => {
      const listener = await listen(() => undefined);
      await under.until(listener.close());
      const caller = connect(listener);
      expect((await under.until(caller.closed))?.code).toBe('ECONNREFUSED');
      expect(caller.calls).toEqual(['closed']);
    });

    it('carries bytes both ways, those that were written before the connection stood included', async () => {
      const listener = await listen((stream) => {
        const echo: ByteStream = stream;
        stream.open({
          connected: () => undefined,
          received: (bytes) => echo.write(bytes.slice()),
          closed: () => undefined,
        });
      });
      const caller = connect(listener);
      caller.stream.write(Uint8Array.of(1, 2, 3));
      expect(await under.until(caller.receivedBytes(3))).toEqual(Uint8Array.of(1, 2, 3));
      expect(caller.calls[0]).toBe('connected');
    });

    it('carries a large transfer intact and in order', async () => {
      const [caller, server] = await pair();
      const sent = pattern(3_000_000);
      for (let at = 0; at < sent.length; at += 70_001) caller.stream.write(sent.subarray(at, at + 70_001));
      const got = await under.until(server.receivedBytes(sent.length));
      expect(got.length).toBe(sent.length);
      expect(Buffer.compare(got, sent)).toBe(0);
    });

    it('flushes every write once, in order, and counts what is unsent down to zero', async () => {
      const [caller, server] = await pair();
      const flushed: number[] = [];
      for (let index = 0; index < 20; index += 1) {
        caller.stream.write(pattern(50_000), () => flushed.push(index));
      }
      expect(flushed).toEqual([]);
      await under.until(server.receivedBytes(1_000_000));
      await barrier();
      expect(flushed).toEqual(Array.from({ length: 20 }, (_, index) => index));
      expect(caller.stream.unsentBytes).toBe(0);
    });

    it('pushes back: what a reader that has stopped does not take stays unsent', async () => {
      const [caller, server] = await pair();
      server.stream.allowReading(0);
      const chunk = pattern(1 << 20);
      for (let index = 0; index < 32; index += 1) caller.stream.write(chunk);
      await barrier();
      expect(server.receivedCount).toBe(0);
      expect(caller.stream.unsentBytes).toBeGreaterThan(1 << 20);
      server.stream.allowReading(Infinity);
      await under.until(server.receivedBytes(32 << 20));
      await barrier();
      expect(caller.stream.unsentBytes).toBe(0);
    });

    it('reads no more than was allowed until more is allowed', async () => {
      const [caller, server] = await pair();
      server.stream.allowReading(1000);
      caller.stream.write(pattern(5000));
      await under.until(server.receivedBytes(1000));
      await barrier();
      expect(server.receivedCount).toBe(1000);
      server.stream.allowReading(500);
      await under.until(server.receivedBytes(1500));
      await barrier();
      expect(server.receivedCount).toBe(1500);
      server.stream.allowReading(Infinity);
      expect(Buffer.compare(await under.until(server.receivedBytes(5000)), pattern(5000))).toBe(0);
    });

    it('sends what is queued before it closes, and both sides hear of an orderly end', async () => {
      const [caller, server] = await pair();
      caller.stream.write(pattern(500_000));
      caller.stream.close();
      expect(await under.until(server.closed)).toBeUndefined();
      expect(server.receivedCount).toBe(500_000);
      expect(await under.until(caller.closed)).toBeUndefined();
    });

    it('closes at once when told to abort, and the other side hears of it', async () => {
      const [caller, server] = await pair();
      caller.stream.abort();
      expect(await under.until(caller.closed)).toBeUndefined();
      await under.until(server.closed);
      expect(server.calls.at(-1)).toBe('closed');
    });

    it('gives up a connection that does not stand yet', async () => {
      const listener = await listen((stream) => {
        stream.open({ connected: () => undefined, received: () => undefined, closed: () => undefined });
      });
      const caller = connect(listener);
      caller.stream.abort();
      await under.until(caller.closed);
      expect(caller.calls).toEqual(['closed']);
    });

    it('calls nothing after closed, and flushes what was not sent exactly once', async () => {
      const [caller, server] = await pair();
      let flushed = 0;
      server.stream.allowReading(0);
      for (let index = 0; index < 16; index += 1) caller.stream.write(pattern(1 << 20), () => (flushed += 1));
      caller.stream.abort();
      await under.until(caller.closed);
      caller.stream.write(Uint8Array.of(1), () => (flushed += 1));
      caller.stream.close();
      caller.stream.abort();
      await barrier();
      await barrier();
      expect(flushed).toBe(17);
      expect(caller.calls.filter((call) => call === 'closed')).toHaveLength(1);
      expect(caller.calls.at(-1)).toBe('closed');
      expect(caller.stream.unsentBytes).toBe(0);
    });

    it('never calls back from inside a call', async () => {
      const [caller, server] = await pair();
      let inside = false;
      const noticed: string[] = [];
      const guarded = (call: () => void): void => {
        inside = true;
        call();
        inside = false;
      };
      for (const end of [caller, server]) {
        end.onCall = (call) => {
          if (inside) noticed.push(call);
        };
      }
      const flushed = (): void => {
        if (inside) noticed.push('flushed');
      };
      guarded(() => caller.stream.write(Uint8Array.of(1), flushed));
      await under.until(server.receivedBytes(1));
      guarded(() => server.stream.allowReading(0));
      guarded(() => caller.stream.write(pattern(1 << 20), flushed));
      await barrier();
      guarded(() => server.stream.allowReading(Infinity));
      guarded(() => caller.stream.write(Uint8Array.of(1), flushed));
      guarded(() => caller.stream.close());
      guarded(() => server.stream.abort());
      guarded(() => caller.stream.write(Uint8Array.of(1), flushed));
      await under.until(Promise.all([caller.closed, server.closed]));
      expect(noticed).toEqual([]);
    });

    it('keeps bytes that arrive before the accepted stream is opened', async () => {
      const accepted = new Deferred<ByteStream>();
      const listener = await listen((stream) => accepted.resolve(stream));
      const caller = connect(listener);
      caller.stream.write(Uint8Array.of(5, 6));
      const stream = await under.until(accepted.promise);
      await barrier();
      const server = new End(stream);
      expect(await under.until(server.receivedBytes(2))).toEqual(Uint8Array.of(5, 6));
    });

    it('accepts nobody after the listener has closed', async () => {
      const listener = await listen(() => undefined);
      await under.until(listener.close());
      await under.until(listener.close());
      const caller = connect(listener);
      expect((await under.until(caller.closed))?.code).toBe('ECONNREFUSED');
    });
  });
}

/** One opened end of a stream that remembers what it was told. */
class End {
  readonly stream: ByteStream;
  readonly calls: string[] = [];
  readonly connected: Promise<void>;
  readonly closed: Promise<StreamFailure | undefined>;
  onCall: (call: string) => void = () => undefined;
  #bytes = new Uint8Array(1024);
  #count = 0;
  #waiting: { readonly count: number; readonly resolve: (bytes: Uint8Array) => void } | undefined;

  constructor(stream: ByteStream) {
    this.stream = stream;
    const connected = new Deferred<void>();
    const closed = new Deferred<StreamFailure | undefined>();
    this.connected = connected.promise;
    this.closed = closed.promise;
    stream.open({
      connected: () => {
        this.#note('connected');
        connected.resolve();
      },
      received: (bytes) => {
        this.#note('received');
        this.#keep(bytes);
      },
      closed: (failure) => {
        this.#note('closed');
        closed.resolve(failure);
      },
    });
  }

  get receivedCount(): number {
    return this.#count;
  }

  /** Everything received so far, once it is at least this much. */
  receivedBytes(count: number): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#waiting = { count, resolve };
      this.#settle();
    });
  }

  #note(call: string): void {
    this.calls.push(call);
    this.onCall(call);
  }

  #keep(bytes: Uint8Array): void {
    if (this.#count + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array((this.#count + bytes.length) * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.#count);
    this.#count += bytes.length;
    this.#settle();
  }

  #settle(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || this.#count < waiting.count) return;
    this.#waiting = undefined;
    waiting.resolve(this.#bytes.slice(0, this.#count));
  }
}

/** Bytes that are different at every place nearby. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff);
}

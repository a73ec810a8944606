import { describe, expect, test } from 'vitest';

import { ControlClient, ControlError } from '../src/client/index.ts';
import type { WatchedEvent } from '../src/client/index.ts';
import { EventRing } from '../src/event-ring.ts';
import type { ControlServer, ServiceEvent } from '../src/index.ts';
import { startControlServer } from '../src/index.ts';
import { TOKEN } from './support/api.ts';
import { FakeService, makeStatus } from './support/fake-service.ts';

/** A listening server over a fake service, whose ticks a test makes. */
class Served implements AsyncDisposable {
  readonly service = new FakeService();
  readonly client: ControlClient;
  tick: () => void = () => undefined;
  readonly #server: ControlServer;

  private constructor(server: ControlServer, service: FakeService) {
    this.#server = server;
    this.service = service;
    this.client = new ControlClient({ url: server.url, token: TOKEN });
  }

  static async open(options: { eventsMax?: number; streamsMax?: number } = {}): Promise<Served> {
    const service = new FakeService();
    let tick: () => void = () => undefined;
    const server = await startControlServer({
      service,
      token: TOKEN,
      address: { host: '127.0.0.1', port: 0 },
      every: (ms, call) => {
        if (ms === 1_000) tick = call;
        return () => {
          if (tick === call) tick = () => undefined;
        };
      },
      ...options,
    });
    const served = new Served(server, service);
    served.tick = () => tick();
    return served;
  }

  /** A stream that has begun, read event by event. */
  async stream(lastId?: string): Promise<Stream> {
    const stream = new Stream(this.client, lastId);
    return stream;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
  }
}

class Stream implements AsyncDisposable {
  lastId = '';
  readonly #abort = new AbortController();
  readonly #events: AsyncGenerator<{ readonly id?: string; readonly event: WatchedEvent }>;

  constructor(client: ControlClient, lastId?: string) {
    this.#events = client.streamEvents({
      signal: this.#abort.signal,
      ...(lastId === undefined ? {} : { lastId }),
    });
  }

  async next(): Promise<WatchedEvent | undefined> {
    const { value, done } = await this.#events.next();
    if (done === true) return undefined;
    if (value.id !== undefined) this.lastId = value.id;
    return value.event;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#events.next().catch(() => undefined);
  }
}

const ordered = (name: string): ServiceEvent => ({
  type: 'payload-ordered',
  name,
  infohash: 'ab'.repeat(20),
});

describe('a stream', () => {
  test('tells what happens, with ids, and progress without', async () => {
    await using served = await Served.open();
    await using stream = await served.stream();
    expect(await stream.next()).toEqual({ type: 'hello' });
    served.service.tell(ordered('maps'));
    expect(await stream.next()).toEqual(ordered('maps'));
    const { lastId } = stream;
    expect(lastId).toMatch(/-1$/);
    served.service.orders.set('maps', {});
    served.tick();
    expect(await stream.next()).toEqual({ type: 'progress', payloads: [makeStatus('maps')] });
    expect(await stream.next()).toEqual({ type: 'engine', engine: served.service.engine() });
    expect(stream.lastId).toBe(lastId);
    // Nothing new, so nothing is told before the next event.
    served.tick();
    served.service.tell({ type: 'limits-changed' });
    expect(await stream.next()).toEqual({ type: 'limits-changed' });
  });

  test('begins with what was missed since the last id', async () => {
    await using served = await Served.open();
    let lastId = '';
    {
      await using first = await served.stream();
      expect(await first.next()).toEqual({ type: 'hello' });
      served.service.tell(ordered('one'));
      await first.next();
      lastId = first.lastId;
    }
    served.service.tell(ordered('two'));
    served.service.tell(ordered('three'));
    await using second = await served.stream(lastId);
    expect(await second.next()).toEqual(ordered('two'));
    expect(await second.next()).toEqual(ordered('three'));
    expect(await second.next()).toEqual({ type: 'hello' });
  });

  test('tells the totals from time to time also unchanged, so that a dead connection is noticed', async () => {
    await using served = await Served.open();
    await using stream = await served.stream();
    expect(await stream.next()).toEqual({ type: 'hello' });
    for (let second = 0; second < 10; second += 1) served.tick();
    served.service.tell({ type: 'limits-changed' });
    const types: (string | undefined)[] = [];
    while (types.at(-1) !== 'limits-changed') types.push((await stream.next())?.type);
    expect(types).toEqual(['engine', 'engine', 'engine', 'limits-changed']);
  });

  test('says so when what was missed is not kept any more, or the service started anew', async () => {
    await using served = await Served.open({ eventsMax: 2 });
    await using first = await served.stream();
    await first.next();
    const { lastId } = first;
    for (const name of ['one', 'two', 'three']) served.service.tell(ordered(name));
    await using late = await served.stream(lastId);
    expect(await late.next()).toEqual({ type: 'reset' });
    await using elsewhere = await served.stream('0123456789ab-1');
    expect(await elsewhere.next()).toEqual({ type: 'reset' });
    // From the reset on nothing is missed.
    await using again = await served.stream(late.lastId);
    served.service.tell(ordered('four'));
    expect(await again.next()).toEqual(ordered('four'));
    expect(await again.next()).toEqual({ type: 'hello' });
  });

  test('ends when the server does', async () => {
    const served = await Served.open();
    const stream = await served.stream();
    await stream.next();
    served.service.tell({ type: 'stopping' });
    expect(await stream.next()).toEqual({ type: 'stopping' });
    await served[Symbol.asyncDispose]();
    expect(await stream.next()).toBeUndefined();
    expect(served.service.listeners).toBe(0);
  });

  test('is refused when there are too many', async () => {
    await using served = await Served.open({ streamsMax: 1 });
    await using first = await served.stream();
    await first.next();
    const second = await served.stream();
    await expect(second.next()).rejects.toMatchObject({ code: 'too-many-streams', status: 503 });
  });

  test('a hundred at once all hear the same', async () => {
    await using served = await Served.open();
    const streams = await Promise.all(Array.from({ length: 100 }, () => served.stream()));
    await Promise.all(streams.map((stream) => stream.next()));
    served.service.tell(ordered('maps'));
    const heard = await Promise.all(streams.map((stream) => stream.next()));
    expect(heard).toEqual(Array.from({ length: 100 }, () => ordered('maps')));
    await Promise.all(streams.map((stream) => stream[Symbol.asyncDispose]()));
  });
});

test('the ring forgets the oldest and knows what it does not know', () => {
  const ring = new EventRing({ epoch: 'e', eventsMax: 2 });
  expect(ring.since('e-0')).toEqual({ type: 'events', events: [] });
  for (const name of ['one', 'two', 'three']) ring.push(ordered(name));
  expect(ring.since('e-1')).toMatchObject({ type: 'events', events: [{ id: 'e-2' }, { id: 'e-3' }] });
  expect(ring.since('e-3')).toEqual({ type: 'events', events: [] });
  for (const id of ['e-0', 'e-4', 'e--1', 'e-x', 'f-3', '', 'e-2.5'])
    expect(ring.since(id)).toEqual({ type: 'gap' });
});

describe('the client', () => {
  test('makes every call', async () => {
    await using served = await Served.open();
    const { client, service } = served;
    const order = { infohash: 'cd'.repeat(20) };
    expect(await client.putPayload('maps', order)).toMatchObject({ outcome: 'created' });
    expect(await client.listPayloads()).toEqual([makeStatus('maps', order)]);
    expect((await client.getPayload('maps')).fileCount).toBe(1);
    await client.pausePayload('maps');
    await client.resumePayload('maps');
    await client.verifyPayload('maps');
    await client.announcePayload('maps');
    await client.putPayloadLimits('maps', { upBytesPerSecond: 7 });
    expect((await client.getPayload('maps')).limits).toEqual({ upBytesPerSecond: 7 });
    expect(await client.getSpace('/srv/a&b')).toMatchObject({ path: '/srv/a&b', freeBytes: 1_000 });
    expect(await client.onlyPayloads([{ name: 'films', ...order }])).toMatchObject({ removed: ['maps'] });
    await client.removePayload('films', { keepData: true });
    expect(await client.onlyPayloads([], { allowEmpty: true })).toEqual({ payloads: [], removed: [] });
    expect(await client.putLimits({ total: { upBytesPerSecond: 5 } })).toMatchObject({ source: 'order' });
    expect(await client.getLimits()).toEqual({ total: { upBytesPerSecond: 5 }, source: 'order' });
    expect(await client.resetLimits()).toEqual({ source: 'configuration' });
    expect(await client.getEngine()).toEqual(service.engine());
    expect(await client.getSite()).toEqual(service.site());
    expect(await client.getRates()).toMatchObject({ intervalSeconds: 5, wan: { down: [], up: [] } });
    expect(service.calls).toEqual([
      'put maps',
      'pause maps',
      'resume maps',
      'verify maps',
      'announce maps',
      'limit maps',
      'only',
      'remove films false',
      'only',
      'limits',
      'limits',
    ]);
  });

  test('rejects with the code of the problem', async () => {
    await using served = await Served.open();
    const failure = await served.client.getPayload('nothing').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ControlError);
    expect(failure).toMatchObject({ code: 'payload-unknown', status: 404 });
    await expect(served.client.onlyPayloads([])).rejects.toMatchObject({ code: 'only-empty' });
  });

  test('says when nobody is there', async () => {
    const served = await Served.open();
    await served[Symbol.asyncDispose]();
    await expect(served.client.listPayloads()).rejects.toMatchObject({
      code: 'unreachable',
      status: undefined,
    });
  });
});

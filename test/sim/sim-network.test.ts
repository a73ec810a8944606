import { describe, expect, it } from 'vitest';

import type { ByteStream, StreamFailure } from '@brine/swarm';
import { nodeSimPlatform } from '@brine/swarm/node';
import { SimClock, SimNetwork, SimRandom } from '@brine/swarm/sim';
import type { SimHost, SimHostOptions, SimNetworkOptions } from '@brine/swarm/sim';

const MB = 1_000_000;

describe('SimNetwork', () => {
  it('connects after one round trip and delivers the first byte half a round trip later', async () => {
    const { clock, a, b, connect } = world();
    const connection = await connect(a, b);
    expect(connection.connectedAtMs).toBe(20);
    connection.send(1);
    await clock.run();
    expect(connection.receivedAtMs).toBe(30);
  });

  it('carries a lone flow at the rate of its narrowest link', async () => {
    const { clock, a, b, connect } = world({ up: 2 * MB, down: 1 * MB });
    const connection = await connect(a, b);
    connection.send(10 * MB);
    await clock.run();
    expect(seconds(connection)).toBeCloseTo(10, 0);
    expect(b.down.bytesCarried).toBe(10 * MB);
  });

  it('gives flows that share a link equal parts, and what one cannot use to the others', async () => {
    const { clock, network, a, connect } = world({ up: 3 * MB });
    const slow = network.addHost({ name: 'slow', addresses: ['10.0.0.8'], downBytesPerSecond: MB / 2 });
    const fast = [9, 10].map((last) =>
      network.addHost({ name: `fast ${last}`, addresses: [`10.0.0.${last}`] }),
    );
    const [toSlow, toFast, alsoToFast] = [
      await connect(a, slow),
      await connect(a, fast[0]!),
      await connect(a, fast[1]!),
    ];
    for (const connection of [toSlow, toFast, alsoToFast]) connection.send(20 * MB);
    const startMs = clock.nowMs();
    await clock.run({ untilMs: startMs + 8000 });
    expect(toSlow.received / 8 / MB).toBeCloseTo(0.5, 1);
    expect(toFast.received / 8 / MB).toBeCloseTo(1.25, 1);
    expect(alsoToFast.received / 8 / MB).toBeCloseTo(1.25, 1);
  });

  it('lets everything between two sites share their lines, and leaves the rest alone', async () => {
    const { clock, network, connect } = world();
    const north = network.addSite('north', { up: MB, down: MB });
    const south = network.addSite('south', { up: MB, down: MB });
    const host = (last: number, site: SimHostOptions['site']): SimHost =>
      network.addHost({
        name: `h${last}`,
        addresses: [`10.1.0.${last}`],
        ...(site === undefined ? {} : { site }),
      });
    const [n1, n2, s1, s2] = [host(1, north), host(2, north), host(3, south), host(4, south)];
    const across = [await connect(n1, s1), await connect(n2, s2)];
    const within = await connect(n1, n2);
    for (const connection of [...across, within]) connection.send(10 * MB);
    await clock.run({ untilMs: clock.nowMs() + 5000 });
    expect(north.up.bytesCarried / 5 / MB).toBeCloseTo(1, 1);
    for (const connection of across) expect(connection.received / 5 / MB).toBeCloseTo(0.5, 1);
    expect(within.received).toBe(10 * MB);
  });

  it('keeps small messages quick beside a bulk flow', async () => {
    const { clock, a, b, connect } = world({ up: MB, down: MB });
    const bulk = await connect(a, b);
    const chat = await connect(a, b);
    bulk.send(5 * MB);
    await clock.run({ untilMs: clock.nowMs() + 1000 });
    const fromMs = clock.nowMs();
    chat.send(20);
    await clock.run();
    expect(chat.receivedAtMs - fromMs).toBeLessThan(150);
  });

  it('does not answer for a host that drops calls, until the caller gives up', async () => {
    const { clock, a, b } = world({}, { connectTimeoutMs: 21_000 });
    b.dropsCalls = true;
    const failures: (StreamFailure | undefined)[] = [];
    a.connect({ ip: '10.0.0.2', port: 6881 }).open(sink({ closed: (failure) => failures.push(failure) }));
    await clock.run();
    expect(failures.map((failure) => failure?.code)).toEqual(['ETIMEDOUT']);
    expect(clock.nowMs()).toBe(21_000);
  });

  it('holds back what a partition cuts off, and delivers it when the network heals', async () => {
    const { clock, network, a, b, connect } = world({ up: MB });
    const connection = await connect(a, b);
    connection.send(2 * MB);
    await clock.run({ untilMs: 1000 });
    network.partition([a]);
    await clock.run({ untilMs: 20_000 });
    expect(connection.received).toBeLessThan(1.1 * MB);
    network.partition();
    await clock.run();
    expect(connection.received).toBe(2 * MB);
  });

  it('lets a sender give up when a partition lasts, while a silent receiver notices nothing', async () => {
    const { clock, network, a, b, connect } = world();
    const connection = await connect(a, b);
    network.partition([a]);
    connection.send(1000);
    await clock.run({ untilMs: 300_000 });
    expect(connection.callerFailure?.code).toBe('ETIMEDOUT');
    expect([a.streamCount, b.streamCount]).toEqual([0, 1]);
  });

  it('resets the connections of a killed process, and leaves those of a host without power hanging', async () => {
    const { clock, network, a, b, connect } = world();
    const killed = await connect(a, b);
    b.killSockets();
    await clock.run();
    expect(killed.callerFailure?.code).toBe('ECONNRESET');

    const c = network.addHost({ name: 'c', addresses: ['10.0.0.3'] });
    const hanging = await connect(a, c);
    c.powerOff();
    await clock.run();
    expect(a.streamCount).toBe(1);
    c.powerOn();
    hanging.send(10);
    await clock.run();
    expect(hanging.callerFailure?.code).toBe('ECONNRESET');
  });

  it('breaks connections at random when asked to', async () => {
    const { clock, a, b, connect } = world({}, { breakMeanMs: 5000 });
    const connections = [];
    for (let count = 0; count < 50; count += 1) connections.push(await connect(a, b));
    await clock.run({ untilMs: clock.nowMs() + 5000 });
    const broken = connections.filter(({ callerFailure }) => callerFailure?.code === 'ECONNRESET').length;
    expect(broken).toBeGreaterThan(15);
    expect(broken).toBeLessThan(50);
  });
});

/** One connection whose server side counts what it gets. */
interface Connection {
  readonly connectedAtMs: number;
  readonly received: number;
  readonly receivedAtMs: number;
  readonly callerFailure: StreamFailure | undefined;
  send(count: number): void;
}

function seconds(connection: Connection): number {
  return (connection.receivedAtMs - connection.connectedAtMs) / 1000;
}

function world(rates: { up?: number; down?: number } = {}, options: SimNetworkOptions = {}) {
  const clock = new SimClock(nodeSimPlatform);
  const network = new SimNetwork(clock, new SimRandom(7), options);
  const a = network.addHost({
    name: 'a',
    addresses: ['10.0.0.1'],
    ...(rates.up === undefined ? {} : { upBytesPerSecond: rates.up }),
  });
  const b = network.addHost({
    name: 'b',
    addresses: ['10.0.0.2'],
    ...(rates.down === undefined ? {} : { downBytesPerSecond: rates.down }),
  });

  async function connect(from: SimHost, to: SimHost): Promise<Connection> {
    const port = to.freePort();
    const state = { connectedAtMs: -1, received: 0, receivedAtMs: -1 };
    const ended: { failure?: StreamFailure } = {};
    await to.listen({ ip: '0.0.0.0', port }, (stream) =>
      stream.open(
        sink({
          received: (bytes) => {
            state.received += bytes.length;
            state.receivedAtMs = clock.nowMs();
          },
        }),
      ),
    );
    const stream: ByteStream = from.connect({ ip: to.addresses[0]!, port });
    stream.open(
      sink({
        connected: () => {
          state.connectedAtMs = clock.nowMs();
        },
        closed: (failure) => {
          if (failure !== undefined) ended.failure = failure;
        },
      }),
    );
    await clock.run({ until: () => state.connectedAtMs >= 0 });
    return {
      get connectedAtMs() {
        return state.connectedAtMs;
      },
      get received() {
        return state.received;
      },
      get receivedAtMs() {
        return state.receivedAtMs;
      },
      get callerFailure() {
        return ended.failure;
      },
      send: (count) => stream.write(new Uint8Array(count)),
    };
  }

  return { clock, network, a, b, connect };
}

function sink(calls: {
  connected?: () => void;
  received?: (bytes: Uint8Array) => void;
  closed?: (failure?: StreamFailure) => void;
}) {
  return { connected: () => undefined, received: () => undefined, closed: () => undefined, ...calls };
}

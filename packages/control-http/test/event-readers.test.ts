import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

import { expect, test } from 'vitest';

import { ControlClient } from '../src/client/index.ts';
import type { ServiceEvent } from '../src/index.ts';
import { startControlServer } from '../src/index.ts';
import { TOKEN } from './support/api.ts';
import { FakeService } from './support/fake-service.ts';

const ordered = (name: string): ServiceEvent => ({
  type: 'payload-ordered',
  name,
  infohash: 'ab'.repeat(20),
});

/** A reader that takes the first bytes of a stream, and then nothing more. */
async function openIdler(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(`GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  return socket;
}

test('a reader that does not read is let go before it costs much, and is told to read everything again', async () => {
  const service = new FakeService();
  const address = { host: '127.0.0.1', port: 0 };
  const server = await startControlServer({ service, token: TOKEN, address, eventsMax: 10 });
  try {
    const client = new ControlClient({ url: server.url, token: TOKEN });
    const idler = await openIdler(Number(new URL(server.url).port));
    const attentive = client.streamEvents();
    await attentive.next();
    const streams = async (): Promise<string> => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
      return /^brine_event_streams (\d+)$/m.exec(text)?.[1] ?? '';
    };
    expect(await streams()).toBe('2');
    // Read at once by one, not at all by the other: at most a kernel's buffers and a mebibyte wait for it.
    const name = 'x'.repeat(64 * 1024);
    let told = 0;
    while ((await streams()) === '2') {
      expect(told).toBeLessThan(1_000);
      for (let some = 0; some < 16; some += 1, told += 1) {
        service.tell(ordered(name));
        expect((await attentive.next()).value?.event).toMatchObject({ name });
      }
      await turn();
    }
    expect(await streams()).toBe('1');
    for await (const { event } of client.streamEvents({ lastId: '0123456789ab-1' })) {
      expect(event).toEqual({ type: 'reset' });
      break;
    }
    idler.destroy();
    await attentive.return(undefined);
  } finally {
    await server.close();
  }
});

test('a hundred readers that come back all hear what they missed, and no more', async () => {
  const service = new FakeService();
  const address = { host: '127.0.0.1', port: 0 };
  const server = await startControlServer({ service, token: TOKEN, address });
  try {
    const client = new ControlClient({ url: server.url, token: TOKEN });
    const readers = Array.from({ length: 100 }, () => client.streamEvents());
    const first = await Promise.all(readers.map((reader) => reader.next()));
    const lastIds = first.map(({ value }) => value?.id ?? '');
    await Promise.all(readers.map((reader) => reader.return(undefined)));
    for (let number = 0; number < 50; number += 1) service.tell(ordered(`missed-${number}`));
    const again = lastIds.map((lastId) => client.streamEvents({ lastId }));
    const heard = await Promise.all(
      again.map(async (reader) => {
        const names: unknown[] = [];
        while (names.length < 50) names.push((await reader.next()).value?.event);
        await reader.return(undefined);
        return names;
      }),
    );
    const missed = Array.from({ length: 50 }, (_, number) => ordered(`missed-${number}`));
    expect(heard).toEqual(Array.from({ length: 100 }, () => missed));
  } finally {
    await server.close();
  }
});

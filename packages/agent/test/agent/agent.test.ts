import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { brine, noise, RunningBrine, Scratch } from '../brine.ts';
import { agentArguments, RunningAgent } from './running-agent.ts';

let source: Scratch;
let seeder: RunningBrine;
let peers: readonly string[];
/** Base64 of the torrent file. */
let torrent: string;
let infohash: string;
const BYTES = noise(6_000_000);

beforeAll(async () => {
  source = await Scratch.open();
  await source.write('data/maps/world.img', BYTES);
  await source.write('data/maps/index.txt', 'world\n');
  const made = await brine('create', source.at('data', 'maps'), '-o', source.at('maps.torrent'), '--json');
  infohash = (JSON.parse(made.stdout.trim().split('\n').at(-1)!) as { infoHash: string }).infoHash;
  torrent = (await readFile(source.at('maps.torrent'))).toString('base64');
  const place = ['--path', source.at('data'), '--listen', '127.0.0.1:0', '--no-lsd', '--json'];
  seeder = new RunningBrine(['seed', source.at('maps.torrent'), ...place]);
  peers = [await seeder.address()];
});

afterAll(async () => {
  await seeder[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
});

describe('an order', () => {
  test('is carried out, told, kept over a stop, and undone', async () => {
    await using scratch = await Scratch.open();
    {
      await using agent = await RunningAgent.start(scratch);
      const { outcome } = await agent.client.putPayload('maps', { torrent, peers });
      expect(outcome).toBe('created');
      const done = await agent.until('maps', ({ phase }) => phase === 'seeding');
      expect(done).toMatchObject({ complete: true, percent: 100, infohash, fileCount: 2 });
      expect(done.path).toBe(scratch.at('root', 'maps'));
      expect((await readFile(scratch.at('root', 'maps', 'world.img'))).equals(BYTES)).toBe(true);
      expect(await agent.client.putPayload('maps', { torrent, peers })).toMatchObject({
        outcome: 'unchanged',
      });
      const startedMs = performance.now();
      expect((await agent.kill('SIGTERM')).exitCode).toBe(0);
      expect(performance.now() - startedMs).toBeLessThan(5_000);
      expect(await readdir(scratch.at('state'))).toEqual(['orders.json', 'resume', 'token', 'torrents']);
    }
    await using agent = await RunningAgent.start(scratch);
    const again = await agent.until('maps', ({ complete }) => complete);
    // Nothing was fetched again.
    expect(again.traffic.site.downloadedBytes).toBe(0);
    await writeFile(scratch.at('root', 'maps', 'mine.txt'), 'not the agent’s');
    await agent.client.removePayload('maps');
    await expect(agent.client.getPayload('maps')).rejects.toMatchObject({ code: 'payload-unknown' });
    await agent.kill('SIGTERM');
    await using last = await RunningAgent.start(scratch);
    expect(await last.client.listPayloads()).toEqual([]);
    expect(await readdir(scratch.at('root', 'maps'))).toEqual(['mine.txt']);
  });

  test('outlives kill -9 in the middle, and what was verified is not fetched again', async () => {
    await using scratch = await Scratch.open();
    // Slow enough to be killed after more than the five seconds that may be lost.
    const limits = { downBytesPerSecond: 600_000 };
    {
      await using agent = await RunningAgent.start(scratch);
      await agent.client.putPayload('maps', { torrent, peers, limits });
      await agent.client.putPayload('later', { infohash: 'ab'.repeat(20), paused: true });
      const part = await agent.until('maps', ({ bytesDone }) => bytesDone > 4_200_000);
      expect(part.complete).toBe(false);
      expect(await readdir(scratch.at('root'))).toEqual(['.brine']);
      await agent.kill('SIGKILL');
    }
    // The dead one's lock and agent.json are no obstacle.
    await using agent = await RunningAgent.start(scratch);
    const payloads = await agent.client.listPayloads();
    expect(payloads.map(({ name }) => name)).toEqual(['later', 'maps']);
    expect(payloads.at(-1)?.limits).toEqual(limits);
    await agent.client.putPayload('maps', { torrent, peers });
    const done = await agent.until('maps', ({ complete }) => complete);
    expect(done.traffic.site.downloadedBytes).toBeLessThan(BYTES.length);
    expect((await readFile(scratch.at('root', 'maps', 'world.img'))).equals(BYTES)).toBe(true);
    expect(await agent.client.getPayload('later')).toMatchObject({ phase: 'paused', percent: 0 });
  });

  test('of an info-hash alone gets its metadata from peers, and has it after a restart', async () => {
    await using scratch = await Scratch.open();
    {
      await using agent = await RunningAgent.start(scratch);
      await agent.client.putPayload('maps', { infohash: infohash.toUpperCase(), peers });
      await agent.until('maps', ({ complete }) => complete);
      await agent.kill('SIGKILL');
    }
    await using agent = await RunningAgent.start(scratch);
    await agent.client.pausePayload('maps');
    expect(await agent.until('maps', ({ complete }) => complete)).toMatchObject({
      phase: 'paused',
      percent: 100,
    });
  });

  test('gets other limits while it stands, and keeps everything else and them', async () => {
    await using scratch = await Scratch.open();
    const order = { torrent, peers, limits: { upBytesPerSecond: 5_000 }, paused: true };
    {
      await using agent = await RunningAgent.start(scratch);
      await agent.client.putPayload('maps', order);
      const limits = { downBytesPerSecond: 7_000 };
      expect(await agent.client.putPayloadLimits('maps', limits)).toMatchObject({ limits });
      const upside = { windows: [{ from: '25:00' }] };
      const senseless = agent.client.putPayloadLimits('maps', { upBytesPerSecond: upside });
      await expect(senseless).rejects.toMatchObject({ code: 'limits-invalid' });
      await agent.client.announcePayload('maps');
    }
    await using agent = await RunningAgent.start(scratch);
    const { client } = agent;
    expect(await client.getPayload('maps')).toMatchObject({ limits: { downBytesPerSecond: 7_000 } });
    expect(
      await client.putPayload('maps', { ...order, limits: { downBytesPerSecond: 7_000 } }),
    ).toMatchObject({
      outcome: 'unchanged',
    });
    const space = await client.getSpace();
    expect(space.path).toBe(scratch.at('root'));
    expect(space.freeBytes).toBeGreaterThan(0);
    expect(space.totalBytes).toBeGreaterThan(space.freeBytes);
    expect(await client.getSpace(scratch.at('root', 'not', 'yet'))).toMatchObject({
      totalBytes: space.totalBytes,
    });
    await expect(client.getSpace('/')).rejects.toMatchObject({ code: 'path-refused' });
  });

  test.each([
    ['outside', /is not below a configured root/],
    ['root/way-out/x', /in truth .*outside/],
  ])('to %s is refused, and nothing of it is kept', async (path, message) => {
    await using scratch = await Scratch.open();
    await mkdir(scratch.at('root'));
    await mkdir(scratch.at('outside'));
    await symlink(scratch.at('outside'), scratch.at('root', 'way-out'));
    await using agent = await RunningAgent.start(scratch);
    const order = { torrent, peers, path: scratch.at(path) };
    const refused = agent.client.putPayload('maps', order);
    await expect(refused).rejects.toMatchObject({
      code: 'path-refused',
      message: expect.stringMatching(message) as string,
    });
    const file = agent.client.putPayload('maps', { torrentFile: source.at('maps.torrent') });
    await expect(file).rejects.toMatchObject({ code: 'path-refused' });
    expect(await agent.client.listPayloads()).toEqual([]);
    expect(await readdir(scratch.at('outside'))).toEqual([]);
  });
});

describe('a complete payload', () => {
  test('is acknowledged once, over restarts, until other content is ordered', async () => {
    await using scratch = await Scratch.open();
    {
      await using agent = await RunningAgent.start(scratch);
      const { client } = agent;
      await client.putPayload('maps', { infohash: 'ab'.repeat(20) });
      await expect(client.acknowledgePayload('maps', 'ab'.repeat(20))).rejects.toMatchObject({
        code: 'not-ready',
      });
      await client.putPayload('maps', { torrent });
      await client.addPeers('maps', peers);
      const done = await agent.until('maps', ({ complete }) => complete);
      expect(done.acknowledgedAt).toBeUndefined();
      await expect(client.acknowledgePayload('maps', 'ab'.repeat(20))).rejects.toMatchObject({
        code: 'order-conflicts',
      });
      const first = await client.acknowledgePayload('maps', infohash);
      expect(first.acknowledgedAt).toBeDefined();
      expect((await client.acknowledgePayload('maps', infohash)).acknowledgedAt).toBe(first.acknowledgedAt);
      await agent.kill('SIGKILL');
    }
    await using agent = await RunningAgent.start(scratch);
    const { client } = agent;
    // The same content, ordered otherwise, has been acknowledged; other content has not, and neither has the first when it returns.
    const { payload } = await client.putPayload('maps', { torrent, peers });
    expect(payload.acknowledgedAt).toBeDefined();
    expect((await client.unacknowledgePayload('maps')).acknowledgedAt).toBeUndefined();
    await agent.until('maps', ({ complete }) => complete);
    await client.acknowledgePayload('maps', infohash);
    await client.putPayload('maps', { infohash: 'ab'.repeat(20) });
    expect((await client.putPayload('maps', { torrent })).payload.acknowledgedAt).toBeUndefined();
  });
});

describe('a dry run', () => {
  test('tells what an order would change, refuses what would be refused, and changes nothing', async () => {
    await using scratch = await Scratch.open();
    await using agent = await RunningAgent.start(scratch);
    const { client } = agent;
    const dryRun = { dryRun: true };
    expect(await client.putPayload('maps', { torrent }, dryRun)).toMatchObject({ outcome: 'created' });
    expect(await client.listPayloads()).toEqual([]);
    await client.putPayload('maps', { torrent });
    expect(await client.putPayload('maps', { torrent }, dryRun)).toMatchObject({
      outcome: 'unchanged',
      changes: [],
    });
    const order = { torrent, peers, limits: { downBytesPerSecond: '8mbit' } };
    expect(await client.putPayload('maps', order, dryRun)).toMatchObject({
      outcome: 'changed',
      changes: ['peers', 'limits'],
      payload: { limits: { downBytesPerSecond: 1_000_000 } },
    });
    expect((await client.getPayload('maps')).limits).toEqual({});
    const elsewhere = { torrent, path: scratch.at('root', 'other') };
    await expect(client.putPayload('maps', elsewhere, dryRun)).rejects.toMatchObject({
      code: 'order-conflicts',
    });
  });

  test('of limits shows how they would be; rates are written as on the command line', async () => {
    await using scratch = await Scratch.open();
    await using agent = await RunningAgent.start(scratch);
    const { client } = agent;
    const order = {
      total: { downBytesPerSecond: '8mbit', upBytesPerSecond: 'unlimited' },
      outside: { downBytesPerSecond: 'mon-fri 08:00-18:00 2mbit; 500KiB' },
    };
    const view = {
      source: 'order',
      total: { downBytesPerSecond: 1_000_000 },
      outside: {
        downBytesPerSecond: {
          windows: [
            {
              days: ['mon', 'tue', 'wed', 'thu', 'fri'],
              from: '08:00',
              to: '18:00',
              bytesPerSecond: 250_000,
            },
          ],
          otherwise: 512_000,
        },
      },
    };
    expect(await client.putLimits(order, { dryRun: true })).toEqual(view);
    expect((await client.getLimits()).source).toBe('configuration');
    expect(await client.putLimits(order)).toEqual(view);
    await expect(client.putLimits({ total: { upBytesPerSecond: 'fast' } })).rejects.toMatchObject({
      code: 'limits-invalid',
      message: expect.stringMatching(/^total\/upBytesPerSecond: Write a rate like/) as string,
    });
  });
});

describe('"only these"', () => {
  test('is all or nothing, removes what was created and nothing else', async () => {
    await using scratch = await Scratch.open();
    await scratch.write('root/maps-of-others/file', 'theirs');
    await using agent = await RunningAgent.start(scratch);
    const { client } = agent;
    await client.putPayload('maps', { torrent, peers });
    await agent.until('maps', ({ complete }) => complete);
    await writeFile(scratch.at('root', 'maps', 'mine.txt'), 'not the agent’s');
    const other = { name: 'other', infohash: 'cd'.repeat(20) };

    await expect(client.onlyPayloads([])).rejects.toMatchObject({ code: 'only-empty' });
    const half = [other, { name: 'bad', infohash: 'ef'.repeat(20), path: '/' }];
    await expect(client.onlyPayloads(half)).rejects.toMatchObject({ code: 'path-refused' });
    const twice = [other, { ...other, name: 'another' }];
    await expect(client.onlyPayloads(twice)).rejects.toMatchObject({ code: 'infohash-taken' });
    expect((await client.listPayloads()).map(({ name }) => name)).toEqual(['maps']);
    expect(await readdir(scratch.at('root', 'maps'))).toEqual(['index.txt', 'mine.txt', 'world.img']);

    const { removed, payloads } = await client.onlyPayloads([other]);
    expect(removed).toEqual(['maps']);
    expect(payloads.map(({ name }) => name)).toEqual(['other']);
    // Ordered anew it waits until the first is gone; then it does not mix with what is not the agent's.
    await client.putPayload('maps', { torrent, peers });
    await agent.until('maps', ({ error }) => error?.code === 'destination-exists');
    await client.onlyPayloads([], { allowEmpty: true });
    await agent.kill('SIGTERM');
    await using last = await RunningAgent.start(scratch);
    expect(await last.client.listPayloads()).toEqual([]);
    expect(await readdir(scratch.at('root', 'maps'))).toEqual(['mine.txt']);
    expect(await readFile(scratch.at('root', 'maps-of-others', 'file'), 'utf8')).toBe('theirs');
  });

  test('leaves what stood there before the agent came', async () => {
    await using scratch = await Scratch.open();
    await scratch.write('root/maps/world.img', BYTES);
    await scratch.write('root/maps/index.txt', 'world\n');
    await using agent = await RunningAgent.start(scratch);
    await agent.client.putPayload('maps', { torrent, mode: 'seed' });
    await agent.until('maps', ({ complete }) => complete);
    await agent.client.onlyPayloads([], { allowEmpty: true });
    await agent.kill('SIGTERM');
    expect(await readdir(scratch.at('root', 'maps'))).toEqual(['index.txt', 'world.img']);
  });
});

test('an agent ends within five seconds, although trackers do not answer and payloads are on their way', async () => {
  await using scratch = await Scratch.open();
  const hung = new Set<Socket>();
  const tracker = createServer((socket) => hung.add(socket)).listen(0, '127.0.0.1');
  await once(tracker, 'listening');
  const { port } = tracker.address() as AddressInfo;
  const trackers = ['a', 'b'].map((path) => `http://127.0.0.1:${port}/${path}/announce`);
  await using agent = await RunningAgent.start(scratch);
  const nobody = Array.from({ length: 50 }, (_, number) => ({
    name: `nobody-${number}`,
    infohash: number.toString(16).padStart(40, '0'),
    trackers,
  }));
  const limits = { downBytesPerSecond: 500_000 };
  await agent.client.onlyPayloads([...nobody, { name: 'maps', torrent, peers, trackers, limits }]);
  await agent.until('maps', ({ bytesDone }) => bytesDone > 0);
  expect(hung.size).toBeGreaterThan(0);
  const startedMs = performance.now();
  expect((await agent.kill('SIGTERM')).exitCode).toBe(0);
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  for (const socket of hung) socket.destroy();
  tracker.close();
});

test('there is one agent for a state directory', async () => {
  await using scratch = await Scratch.open();
  await using agent = await RunningAgent.start(scratch);
  const second = await brine(...agentArguments(scratch));
  expect(second.exitCode).toBe(2);
  expect(second.stderr).toMatch(/Another agent \(process \d+\) uses this state directory/);
  expect(await agent.client.listPayloads()).toEqual([]);
});

test('an agent without work ends by itself', async () => {
  await using scratch = await Scratch.open();
  await using agent = await RunningAgent.start(scratch, '--exit-when-idle', '10ms');
  expect((await agent.ended).exitCode).toBe(0);
});

test('the commands talk to the agent that runs here', async () => {
  await using scratch = await Scratch.open();
  const here = ['--state', scratch.at('state')];
  const nobody = await brine('status', ...here);
  expect(nobody.exitCode).toBe(5);
  expect(nobody.stderr).toContain('brine agent');
  await using agent = await RunningAgent.start(scratch);
  expect((await brine('status', ...here)).stdout).toContain('No payloads');
  const added = await brine(
    'add',
    'maps',
    source.at('maps.torrent'),
    '--peer',
    peers.join(),
    '--json',
    ...here,
  );
  expect(JSON.parse(added.stdout)).toMatchObject({ outcome: 'created', payload: { name: 'maps', infohash } });
  expect((await brine('watch', 'maps', '--until-complete', ...here)).exitCode).toBe(0);
  expect((await brine('status', ...here)).stdout).toMatch(/^maps +seeding +100\.0 % +6\.00 MB/m);
  expect((await brine('status', 'maps', ...here)).stdout).toContain(infohash);
  expect((await brine('pause', 'maps', ...here)).stdout).toContain('maps: paused');
  expect((await brine('resume', 'maps', ...here)).stdout).toContain('maps: seeding');
  expect((await brine('limits', '--wan-down', '1mbit', ...here)).stdout).toContain('outside down: 125 kB/s');
  expect((await brine('limits', '--up', '2MB/s', '--wan-down', 'unlimited', ...here)).stdout).toMatch(
    /^total up: 2\.00 MB\/s\n\(ordered\)/,
  );
  expect((await brine('limits', '--reset', ...here)).stdout).toContain('unlimited (as configured)');
  const unknown = await brine('pause', 'films', ...here);
  expect(unknown).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('There is no payload "films"') as string,
  });
  const token = (await readFile(scratch.at('state', 'token'), 'utf8')).trim();
  const { address } = JSON.parse((await brine('dashboard', '--json', ...here)).stdout) as { address: string };
  expect(address).toMatch(new RegExp(String.raw`^http://127\.0\.0\.1:\d+/#token=${token}$`));
  expect((await brine('dashboard', ...here)).stdout).toBe(`${address}\n`);
  expect(await (await fetch(address)).text()).toContain('<title>Brine</title>');
  expect((await brine('remove', 'maps', ...here)).stdout).toContain('maps: removed');
  expect(await agent.client.listPayloads()).toEqual([]);
  await rm(scratch.at('state', 'agent.json'));
});

test('`brine stop` ends the agent as SIGTERM does, and says when it has', async () => {
  await using scratch = await Scratch.open();
  await using agent = await RunningAgent.start(scratch);
  await agent.client.putPayload('maps', { infohash, paused: true });
  const here = ['--state', scratch.at('state')];
  expect(await brine('stop', ...here)).toMatchObject({ exitCode: 0, stdout: 'The agent has stopped.\n' });
  expect(await agent.ended).toMatchObject({ exitCode: 0 });
  expect(await readdir(scratch.at('state'))).toEqual(['orders.json', 'token', 'torrents']);
  expect(await brine('stop', ...here)).toMatchObject({
    exitCode: 5,
    stderr: expect.stringContaining('No agent runs here') as string,
  });
});

test('a command waits for an agent that is starting, if it is told to', async () => {
  await using scratch = await Scratch.open();
  const waiting = brine('status', '--state', scratch.at('state'), '--wait', '20s');
  await using agent = await RunningAgent.start(scratch);
  expect(await waiting).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('No payloads') as string,
  });
  await agent.kill('SIGTERM');
});

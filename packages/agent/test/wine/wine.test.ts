import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { ControlClient } from '@brine/control-http/client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { brine, noise, RunningBrine, Scratch } from '../brine.ts';
import { describeWine, WineBrine, windowsPath } from './wine.ts';

// Above 260 characters together with where it lies, which Windows allows to programs that ask for it; letters of four bytes; names that
// are nobody's on Windows.
const DEEP = join('deep'.repeat(20), 'deeper'.repeat(15), 'ü€𝄞'.repeat(10), 'end.bin');
const FILES: Readonly<Record<string, Uint8Array>> = {
  'world.img': noise(6_000_000),
  [DEEP]: noise(70_000, 2),
  'empty.txt': new Uint8Array(0),
};
const HERE = ['--listen', '127.0.0.1:0', '--no-lsd', '--json'];

describeWine('under Wine', () => {
  let source: Scratch;
  let torrent: string;
  let infohash: string;

  beforeAll(async () => {
    source = await Scratch.open();
    for (const [name, bytes] of Object.entries(FILES)) {
      await mkdir(dirname(source.at('data', 'maps', name)), { recursive: true });
      await writeFile(source.at('data', 'maps', name), bytes);
    }
    torrent = source.at('maps.torrent');
    const made = await brine('create', source.at('data', 'maps'), '-o', torrent, '--json');
    infohash = (JSON.parse(made.stdout.trim().split('\n').at(-1)!) as { infoHash: string }).infoHash;
  });

  afterAll(() => source[Symbol.asyncDispose]());

  async function expectPayload(folder: string): Promise<void> {
    for (const [name, bytes] of Object.entries(FILES))
      expect((await readFile(join(folder, name))).equals(bytes)).toBe(true);
  }

  test('what Windows creates is what Linux creates', async () => {
    await using scratch = await Scratch.open();
    const folder = windowsPath(source.at('data', 'maps'));
    const made = await WineBrine.run(
      'create',
      folder,
      '-o',
      windowsPath(scratch.at('maps.torrent')),
      '--json',
    );
    expect(made.stdout).toContain(infohash);
  });

  test('a record that somebody reads is replaced when they have finished; if they never do, that is told', async () => {
    await using scratch = await Scratch.open();
    const file = await scratch.write('record', 'old');
    const store = new URL('../../../piece-store/dist/node/index.js', import.meta.url).pathname;
    const ended = await WineBrine.runModule(`
      import { closeSync, openSync, readFileSync, readdirSync } from 'node:fs';
      import { dirname } from 'node:path';
      const { replaceFile } = await import('file:///Z:${store}');
      const file = ${JSON.stringify(windowsPath(file))};
      const reader = openSync(file, 'r');
      const stubborn = await replaceFile(file, 'never').then(() => 'replaced', ({ code }) => code);
      setTimeout(() => closeSync(reader), 150);
      await replaceFile(file, 'new');
      console.log(JSON.stringify([stubborn, readFileSync(file, 'utf8'), readdirSync(dirname(file))]));
    `);
    expect(ended).toMatchObject({ stdout: '["file-busy","new",["record"]]\n', stderr: '' });
  });

  test('Windows gives to Linux', async () => {
    await using scratch = await Scratch.open();
    const place = ['--path', windowsPath(source.at('data'))];
    await using seeder = await WineBrine.start('seed', windowsPath(torrent), ...place, ...HERE);
    const { address } = (await seeder.event('listening')) as unknown as { address: { port: number } };
    const from = ['--peer', `127.0.0.1:${address.port}`, '--seed-for', '0'];
    const got = await brine('get', torrent, '--path', scratch.path, ...from, ...HERE);
    expect(got.exitCode).toBe(0);
    await expectPayload(scratch.at('maps'));
  });

  test('Linux gives to Windows, which is killed on the way and goes on where it was', async () => {
    await using scratch = await Scratch.open();
    await using seeder = new RunningBrine(['seed', torrent, '--path', source.at('data'), ...HERE]);
    const order = ['get', windowsPath(torrent), '--path', windowsPath(scratch.path)];
    const from = ['--peer', await seeder.address(), '--seed-for', '0', ...HERE];
    {
      await using first = await WineBrine.start(...order, ...from, '--down', '700KB');
      await first.line(({ bytesDone }) => Number(bytesDone) > 2_000_000);
      await first.kill();
    }
    expect(await readdir(scratch.path)).toEqual(['.brine']);
    const done = await WineBrine.run(...order, ...from);
    expect(done).toMatchObject({ exitCode: 0, stderr: '' });
    const { downloadedBytes } = JSON.parse(
      done.stdout.split('\n').find((line) => line.includes('"event":"complete"'))!,
    ) as { downloadedBytes: number };
    expect(downloadedBytes).toBeLessThan(6_070_000);
    await expectPayload(scratch.at('maps'));
  });

  test('the agent takes orders over HTTP, is alone, outlives being killed, and stops when asked', async () => {
    await using scratch = await Scratch.open();
    await mkdir(scratch.at('Root'));
    await using seeder = new RunningBrine(['seed', torrent, '--path', source.at('data'), ...HERE]);
    const peers = [await seeder.address()];
    const places = [
      '--state',
      windowsPath(scratch.at('state')),
      '--root',
      windowsPath(scratch.at('Root')),
      '--api',
      '127.0.0.1:0',
    ];
    const agent = ['agent', ...places, '--listen', '127.0.0.1:0', '--set', 'lsd=false', '--json'];
    const connect = async (running: WineBrine): Promise<ControlClient> => {
      const { url } = await running.event('ready');
      const token = (await readFile(scratch.at('state', 'token'), 'utf8')).trim();
      return new ControlClient({ url: String(url), token });
    };
    const bytes = { torrent: (await readFile(torrent)).toString('base64') };
    {
      await using running = await WineBrine.start(...agent);
      const client = await connect(running);
      for (const path of [
        'C:maps',
        '\\maps',
        '\\\\?\\C:\\maps',
        'C:\\windows',
        `${windowsPath(scratch.at('Root'))}\\aux`,
      ])
        await expect(client.putPayload('maps', { ...bytes, path })).rejects.toMatchObject({
          code: 'path-refused',
        });
      const second = await WineBrine.run(...agent);
      expect(second).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('uses this state directory') as string,
      });
      // Case does not count.
      const path = windowsPath(scratch.at('root', 'inside'));
      const limits = { downBytesPerSecond: 700_000 };
      await client.putPayload('maps', { ...bytes, path, peers, limits });
      await expect
        .poll(async () => (await client.getPayload('maps')).bytesDone, { timeout: 20_000 })
        .toBeGreaterThan(1_500_000);
      await running.kill();
    }
    await using running = await WineBrine.start(...agent);
    const client = await connect(running);
    await client.putPayload('maps', { ...bytes, path: windowsPath(scratch.at('root', 'inside')), peers });
    await expect.poll(async () => (await client.getPayload('maps')).complete, { timeout: 20_000 }).toBe(true);
    const { path, traffic } = await client.getPayload('maps');
    expect(traffic.site.downloadedBytes).toBeLessThan(6_000_000);
    await expectPayload(scratch.at('Root', 'inside', 'maps'));
    expect(path.toLowerCase()).toBe(windowsPath(scratch.at('Root', 'inside', 'maps')).toLowerCase());
    // From Linux: `fetch` does not work under Wine, see README.md.
    const here = ['--state', scratch.at('state')];
    expect(await brine('status', ...here)).toMatchObject({
      stdout: expect.stringMatching(/maps +seeding +100\.0 %/) as string,
    });
    expect(await brine('stop', ...here)).toMatchObject({ exitCode: 0 });
    expect(await running.ended).toMatchObject({ exitCode: 0 });
    expect(await readdir(scratch.at('state'))).toEqual(['orders.json', 'resume', 'token', 'torrents']);
  });
});

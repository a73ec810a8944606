import { mkdir, readdir, readFile } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { brine, noise, RunningBrine, Scratch } from './brine.ts';

const LOOPBACK = ['--listen', '127.0.0.1:0', '--json'];
const BIG = noise(4_000_000);

/** A scratch directory with a described payload, and its running seeder. */
async function seeded(
  scratch: Scratch,
  more: readonly string[] = [],
): Promise<{ seeder: RunningBrine; peer: string }> {
  await scratch.write('origin/payload/big.bin', BIG);
  await scratch.write('origin/payload/docs/Grüße.txt', 'hello');
  await scratch.write('origin/payload/docs/other.txt', noise(200_000, 3));
  const created = await brine(
    'create',
    scratch.at('origin', 'payload'),
    '-o',
    scratch.at('p.torrent'),
    '--piece-size',
    '16KiB',
  );
  expect(created).toMatchObject({ exitCode: 0 });
  const seeder = new RunningBrine([
    'seed',
    scratch.at('p.torrent'),
    '--path',
    scratch.at('origin'),
    ...LOOPBACK,
    ...more,
  ]);
  await seeder.event('ready');
  return { seeder, peer: await seeder.address() };
}

function get(scratch: Scratch, input: string, peer: string, ...more: readonly string[]): RunningBrine {
  return new RunningBrine(['get', input, '--path', scratch.at('here'), '--peer', peer, ...LOOPBACK, ...more]);
}

describe('get', () => {
  test.each([
    [[], 'nothing comes until a peer on the local network is found or one connects here'],
    [['--no-lsd'], 'nothing comes until a peer connects here'],
  ])('says where peers come from when nobody named one, with %j', async (more, expected) => {
    await using scratch = await Scratch.open();
    const magnet = `magnet:?xt=urn:btih:${'ab'.repeat(20)}`;
    const options = ['--path', scratch.path, ...LOOPBACK, ...more];
    await using leecher = new RunningBrine(['get', magnet, ...options]);
    const { code, message } = await leecher.event('warning');
    expect(code).toBe('no-sources');
    expect(message).toContain(expected);
  });

  test('fetches from a seed, ends after completion when told, and what it wrote is identical', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    await using leecher = get(scratch, scratch.at('p.torrent'), peer, '--seed-for', '0');
    const { exitCode, stderr } = await leecher.ended;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(leecher.lines.map(({ event }) => event)).toEqual(
      expect.arrayContaining(['listening', 'ready', 'progress', 'complete', 'stopped']),
    );
    expect(await leecher.event('complete')).toMatchObject({
      name: 'payload',
      path: scratch.at('here', 'payload'),
    });
    expect((await readFile(scratch.at('here', 'payload', 'big.bin'))).equals(BIG)).toBe(true);
    expect(await readFile(scratch.at('here', 'payload', 'docs', 'Grüße.txt'), 'utf8')).toBe('hello');
  });

  test('tells progress in the form that programs rely on', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    await using leecher = get(scratch, scratch.at('p.torrent'), peer);
    const last = await leecher.line(({ event, phase }) => event === 'progress' && phase === 'seeding');
    expect(last).toMatchObject({
      phase: 'seeding',
      bytesDone: 4_200_005,
      bytesTotal: 4_200_005,
      percent: 100,
      downBytesPerSecond: expect.any(Number) as number,
      upBytesPerSecond: expect.any(Number) as number,
      downloadedBytes: expect.any(Number) as number,
      uploadedBytes: expect.any(Number) as number,
      peers: expect.any(Number) as number,
    });
    const percents = leecher.lines.filter(({ event }) => event === 'progress').map((line) => line['percent']);
    expect(percents).toEqual([...percents].sort((a, b) => Number(a) - Number(b)));
  });

  test('takes a magnet link', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    const { stdout } = await brine('info', scratch.at('p.torrent'), '--json');
    const { magnet } = JSON.parse(stdout) as { magnet: string };
    await using leecher = get(scratch, magnet, peer, '--seed-for', '0');
    expect((await leecher.ended).exitCode).toBe(0);
    expect((await readFile(scratch.at('here', 'payload', 'big.bin'))).equals(BIG)).toBe(true);
  });

  test('started again with a magnet link, needs nobody to send the metadata once more', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    const { stdout } = await brine('info', scratch.at('p.torrent'), '--json');
    const { magnet } = JSON.parse(stdout) as { magnet: string };
    await using first = get(scratch, magnet, peer, '--seed-for', '0');
    expect((await first.ended).exitCode).toBe(0);
    await seeder[Symbol.asyncDispose]();
    await using second = get(scratch, magnet, peer, '--seed-for', '0');
    expect((await second.ended).exitCode).toBe(0);
    expect(await second.event('complete')).toMatchObject({ name: 'payload', downloadedBytes: 0 });
  });

  test.each(['file', 'magnet'])('fetches only the chosen files, by %s', async (by) => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    const { stdout } = await brine('info', scratch.at('p.torrent'), '--json');
    const input = by === 'file' ? scratch.at('p.torrent') : (JSON.parse(stdout) as { magnet: string }).magnet;
    await using leecher = get(scratch, input, peer, '--seed-for', '0', '--files', 'docs/*');
    expect((await leecher.ended).exitCode).toBe(0);
    expect(await readdir(scratch.at('here', 'payload'))).toEqual(['docs']);
    expect((await readdir(scratch.at('here', 'payload', 'docs'))).sort()).toEqual(['Grüße.txt', 'other.txt']);
  });

  test('goes on after SIGKILL where it was', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch, ['--up', '1MB/s']);
    await using _ = seeder;
    const before = get(scratch, scratch.at('p.torrent'), peer);
    // The record is written every second: at this rate it then holds all but a quarter of the payload of what is there.
    await before.line(({ event, percent }) => event === 'progress' && Number(percent) > 70);
    before.kill('SIGKILL');
    await before.ended;
    await using after = get(scratch, scratch.at('p.torrent'), peer, '--seed-for', '0');
    expect((await after.ended).exitCode).toBe(0);
    expect(Number((await after.event('complete'))['downloadedBytes'])).toBeLessThan(4_200_005 * 0.6);
    expect((await readFile(scratch.at('here', 'payload', 'big.bin'))).equals(BIG)).toBe(true);
  });

  test('refuses to touch something else that stands at its place', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    await scratch.write('here/payload/big.bin', 'somebody else’s');
    await using leecher = get(scratch, scratch.at('p.torrent'), peer);
    const { exitCode, stderr } = await leecher.ended;
    expect(exitCode).toBe(4);
    expect(stderr).toContain(scratch.at('here', 'payload'));
    expect(await readFile(scratch.at('here', 'payload', 'big.bin'), 'utf8')).toBe('somebody else’s');
  });

  test('writes plain lines without control characters into a pipe', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    await mkdir(scratch.at('here'));
    const { exitCode, stdout, stderr } = await brine(
      'get',
      scratch.at('p.torrent'),
      '--path',
      scratch.at('here'),
      '--peer',
      peer,
      '--listen',
      '127.0.0.1:0',
      '--seed-for',
      '0',
    );
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^Complete: .*payload, 4\.20 MB in /m);
    expect(stdout).toMatch(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u);
  });
});

describe('the end', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)(
    '%s ends a seeder and an unfinished leecher cleanly',
    async (signal) => {
      await using scratch = await Scratch.open();
      const { seeder, peer } = await seeded(scratch, ['--up', '500KiB']);
      await using _ = seeder;
      await using leecher = get(scratch, scratch.at('p.torrent'), peer);
      await leecher.line(({ event, percent }) => event === 'progress' && Number(percent) > 1);
      for (const running of [leecher, seeder]) {
        running.kill(signal);
        expect((await running.ended).exitCode).toBe(0);
        expect(running.lines.at(-1)?.event).toBe('stopped');
      }
    },
  );
});

describe('seed', () => {
  test('refuses a payload that is not what the torrent says', async () => {
    await using scratch = await Scratch.open();
    const { seeder } = await seeded(scratch);
    await seeder[Symbol.asyncDispose]();
    const changed = Uint8Array.from(BIG);
    changed[2_000_000] = (changed[2_000_000] ?? 0) ^ 1;
    await scratch.write('origin/payload/big.bin', changed);
    const { exitCode, stderr } = await brine(
      'seed',
      scratch.at('p.torrent'),
      '--path',
      scratch.at('origin'),
      ...LOOPBACK,
    );
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toMatch(/brine verify/);
  });

  test('a port that is taken ends with 5 and says which', async () => {
    await using scratch = await Scratch.open();
    const { seeder, peer } = await seeded(scratch);
    await using _ = seeder;
    const { exitCode, stderr } = await brine(
      'seed',
      scratch.at('p.torrent'),
      '--path',
      scratch.at('origin'),
      '--listen',
      peer,
    );
    expect(exitCode).toBe(5);
    expect(stderr).toContain(`Cannot listen on ${peer}: another program uses this port.`);
  });
});

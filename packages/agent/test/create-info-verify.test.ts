import { appendFile, readdir, readFile, rm } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { brine, noise, Scratch } from './brine.ts';

async function folderOf(scratch: Scratch): Promise<string> {
  await scratch.write('payload/readme.txt', 'hello');
  await scratch.write('payload/Maps/Zürich – 東京.map', noise(100_000));
  await scratch.write('payload/empty', '');
  await scratch.write('payload/big.bin', noise(300_000, 2));
  return scratch.at('payload');
}

test('create describes a folder, info shows it, verify finds it right', async () => {
  await using scratch = await Scratch.open();
  const torrent = scratch.at('p.torrent');
  const created = await brine('create', await folderOf(scratch), '-o', torrent, '--piece-size', '64KiB');
  expect(created).toMatchObject({ exitCode: 0, stderr: '' });
  expect(created.stdout).toMatch(/Created .*p\.torrent: 4 files, 400 kB, 7 pieces of 64 KiB/);

  const info = await brine('info', torrent);
  expect(info).toMatchObject({ exitCode: 0, stderr: '' });
  expect(info.stdout).toContain('Maps/Zürich – 東京.map');
  expect(info.stdout).toMatch(/^Magnet +magnet:\?xt=urn:btih:[0-9a-f]{40}&dn=payload$/m);

  const verified = await brine('verify', torrent, '--path', scratch.path);
  expect(verified).toMatchObject({ exitCode: 0, stderr: '' });
  expect(verified.stdout).toContain('Verified payload: all 7 pieces, 400 kB, are right.');
});

test('what create is told stands in the file, and in the magnet link', async () => {
  await using scratch = await Scratch.open();
  const file = await scratch.write('one.bin', noise(50_000));
  const torrent = scratch.at('one.torrent');
  const tracker = ['--tracker', 'http://t.example/announce', '--tracker', 'udp://t.example:6969'];
  const rest = ['--web-seed', 'https://w.example/one.bin', '--private', '--comment', 'for the fleet'];
  const created = await brine('create', file, '-o', torrent, ...tracker, ...rest, '--json');
  const last = JSON.parse(created.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(last).toMatchObject({ event: 'created', name: 'one.bin', bytesTotal: 50_000, fileCount: 1 });

  const info = JSON.parse((await brine('info', torrent, '--json')).stdout) as Record<string, unknown>;
  expect(info).toMatchObject({
    name: 'one.bin',
    infoHash: last['infoHash'],
    magnet: last['magnet'],
    folder: false,
    private: true,
    trackers: [['http://t.example/announce'], ['udp://t.example:6969']],
    webSeeds: ['https://w.example/one.bin'],
    comment: 'for the fleet',
    files: [{ number: 1, path: 'one.bin', length: 50_000 }],
  });
  expect(info['magnet']).toContain('tr=http%3A%2F%2Ft.example%2Fannounce');
});

test('create without -o writes a file named after the payload, where one stands', async () => {
  await using scratch = await Scratch.open();
  const file = await scratch.write('one.bin', noise(50_000));
  const { exitCode } = await brine('create', file, '-o', scratch.at('one.bin.torrent'));
  expect(exitCode).toBe(0);
  expect((await readFile(scratch.at('one.bin.torrent'))).subarray(0, 1).toString()).toBe('d');
});

test('verify ends with 1 and lists what is wrong, file by file', async () => {
  await using scratch = await Scratch.open();
  const payload = await folderOf(scratch);
  const torrent = scratch.at('p.torrent');
  await brine('create', payload, '-o', torrent, '--piece-size', '16KiB');
  const big = noise(300_000, 2);
  big[250_000] = (big[250_000] ?? 0) ^ 1;
  await scratch.write('payload/big.bin', big);
  await appendFile(scratch.at('payload/readme.txt'), '!');
  await rm(scratch.at('payload/Maps'), { recursive: true });

  const plain = await brine('verify', torrent, '--path', scratch.path);
  expect(plain.exitCode).toBe(1);
  expect(plain.stdout).toMatch(/wrong content +payload\/big\.bin/);
  expect(plain.stdout).toMatch(/wrong size +payload\/readme\.txt/);
  expect(plain.stdout).toMatch(/missing +payload\/Maps\/Zürich – 東京\.map/);

  const json = await brine('verify', torrent, '--path', scratch.path, '--json');
  const last = JSON.parse(json.stdout.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
  expect(last).toMatchObject({ event: 'verified', ok: false });
});

test('verify changes nothing on disk', async () => {
  await using scratch = await Scratch.open();
  const torrent = scratch.at('p.torrent');
  await brine('create', await folderOf(scratch), '-o', torrent);
  await brine('verify', torrent, '--path', scratch.path);
  expect((await readdir(scratch.path)).sort()).toEqual(['p.torrent', 'payload']);
});

test('a payload that is not there: the message names the place and what --path means', async () => {
  await using scratch = await Scratch.open();
  const payload = await folderOf(scratch);
  const torrent = scratch.at('p.torrent');
  await brine('create', payload, '-o', torrent);
  for (const command of ['seed', 'verify']) {
    const { exitCode, stderr } = await brine(command, torrent, '--path', payload);
    expect({ command, exitCode }).toEqual({ command, exitCode: 4 });
    expect(stderr).toContain(`use --path "${scratch.path}"`);
  }
});

test('create of something that is not there ends with 4', async () => {
  const { exitCode, stderr } = await brine('create', '/nowhere/at/all', '-o', '/nowhere/x.torrent');
  expect(exitCode).toBe(4);
  expect(stderr).toContain('/nowhere/at/all');
});

test('output into a pipe has no control characters', async () => {
  await using scratch = await Scratch.open();
  const torrent = scratch.at('p.torrent');
  const outputs = [
    await brine('create', await folderOf(scratch), '-o', torrent),
    await brine('info', torrent),
    await brine('verify', torrent, '--path', scratch.path),
  ];
  for (const { stdout, stderr } of outputs) expect(stdout + stderr).toMatch(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u);
});

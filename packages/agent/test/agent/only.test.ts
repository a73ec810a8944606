import { readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { join, posix } from 'node:path';

import type { NamedOrder, PayloadOrder } from '@brine/control-http/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { brine, noise, RunningBrine, Scratch } from '../brine.ts';
import { RunningAgent } from './running-agent.ts';

/** `films` and `songs` are folders in the same directory; `FILMS` differs from the first in nothing but case. */
const PAYLOADS = {
  films: { 'a.bin': noise(90_000, 2), 'deep/b.bin': noise(70_000, 3) },
  songs: { 'a.bin': noise(50_000, 4), 'empty.txt': new Uint8Array() },
  FILMS: { 'a.bin': noise(60_000, 5) },
} as const;

let source: Scratch;
const seeders: RunningBrine[] = [];
const orders = {} as Record<keyof typeof PAYLOADS, PayloadOrder>;

beforeAll(async () => {
  source = await Scratch.open();
  for (const [name, files] of Object.entries(PAYLOADS)) {
    const folder = `${name}-of-seed`;
    for (const [file, bytes] of Object.entries(files)) await source.write(`${folder}/${name}/${file}`, bytes);
    const torrent = source.at(`${name}.torrent`);
    await brine('create', source.at(folder, name), '-o', torrent);
    const place = ['--path', source.at(folder), '--state', source.at(`${name}-state`)];
    const seeder = new RunningBrine([
      'seed',
      torrent,
      ...place,
      '--listen',
      '127.0.0.1:0',
      '--no-lsd',
      '--json',
    ]);
    seeders.push(seeder);
    orders[name as keyof typeof PAYLOADS] = {
      torrent: (await readFile(torrent)).toString('base64'),
      peers: [await seeder.address()],
    };
  }
}, 60_000);

afterAll(async () => {
  for (const seeder of seeders) await seeder[Symbol.asyncDispose]();
  await source[Symbol.asyncDispose]();
});

function named(name: keyof typeof PAYLOADS): NamedOrder {
  return { name, ...orders[name] };
}

/** An agent that has `films` and `songs` complete in its root, beside `mine.txt`. */
async function withBoth(scratch: Scratch): Promise<RunningAgent> {
  await scratch.write('root/mine.txt', 'not the agent’s');
  const agent = await RunningAgent.start(scratch);
  await agent.client.onlyPayloads([named('films'), named('songs')]);
  for (const name of ['films', 'songs']) await agent.until(name, ({ complete }) => complete);
  return agent;
}

/** Every name below a folder; links are not followed. */
async function all(folder: string, below = ''): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const name = posix.join(below, entry.name);
    names.push(name, ...(entry.isDirectory() ? await all(folder, name) : []));
  }
  return names.sort();
}

const BOTH = [
  'films',
  'films/a.bin',
  'films/deep',
  'films/deep/b.bin',
  'mine.txt',
  'songs',
  'songs/a.bin',
  'songs/empty.txt',
];

describe('"only these" changes nothing', () => {
  let scratch: Scratch;
  let agent: RunningAgent;

  beforeAll(async () => {
    scratch = await Scratch.open();
    agent = await withBoth(scratch);
  }, 60_000);

  afterAll(async () => {
    await agent[Symbol.asyncDispose]();
    await scratch[Symbol.asyncDispose]();
  });

  test.each([
    ['an empty list', '{"payloads": []}', 409],
    ['an empty object', '{}', 400],
    ['a list that is none', '{"payloads": {}}', 400],
    ['null', 'null', 400],
    ['half a body', '{"payloads": [{"name": "fil', 400],
    ['no body', '', 400],
    [
      'a name twice',
      JSON.stringify({
        payloads: [
          { name: 'x', infohash: 'ab'.repeat(20) },
          { name: 'x', infohash: 'cd'.repeat(20) },
        ],
      }),
      409,
    ],
    [
      'an order that cannot be among good ones',
      JSON.stringify({
        payloads: [
          { name: 'x', infohash: 'ab'.repeat(20) },
          { name: 'y', infohash: 'cd'.repeat(20), path: '/etc' },
        ],
      }),
      403,
    ],
    ['a torrent that is none', JSON.stringify({ payloads: [{ name: 'x', torrent: 'AAAA' }] }), 422],
    ['what nobody knows', JSON.stringify({ payloads: [], allowEmty: true }), 400],
    ['"true" in quotes', JSON.stringify({ payloads: [], allowEmpty: 'true' }), 400],
  ])('by %s', async (_what, body, status) => {
    const answer = await agent.send('PUT', '/v1/payloads', body);
    expect(answer.status).toBe(status);
    expect((await agent.client.listPayloads()).map(({ name }) => name)).toEqual(['films', 'songs']);
    expect(await all(scratch.at('root'))).toEqual(BOTH);
    const kept = JSON.parse(await readFile(scratch.at('state', 'orders.json'), 'utf8')) as {
      removals: unknown;
    };
    expect(kept.removals).toEqual([]);
  });

  test('by a body that is cut off on its way', async () => {
    await agent.sendHalf('PUT', '/v1/payloads', JSON.stringify({ payloads: [], allowEmpty: true }));
    expect((await agent.client.listPayloads()).map(({ name }) => name)).toEqual(['films', 'songs']);
    expect(await all(scratch.at('root'))).toEqual(BOTH);
  });
});

describe('what is removed', () => {
  test('leaves files, folders and links of others in its folder, and the payload beside it', async () => {
    await using scratch = await Scratch.open();
    await using agent = await withBoth(scratch);
    await scratch.write('root/films/mine.txt', 'mine');
    await scratch.write('root/films/deep/theirs/x.txt', 'theirs');
    await scratch.write('outside/precious.txt', 'precious');
    await symlink(scratch.at('outside'), scratch.at('root', 'films', 'link'));
    await agent.client.onlyPayloads([named('songs')]);
    await agent.removed(scratch);
    expect(await all(scratch.at('root'))).toEqual([
      'films',
      'films/deep',
      'films/deep/theirs',
      'films/deep/theirs/x.txt',
      'films/link',
      'films/mine.txt',
      'mine.txt',
      'songs',
      'songs/a.bin',
      'songs/empty.txt',
    ]);
    expect(await readlink(scratch.at('root', 'films', 'link'))).toBe(scratch.at('outside'));
    expect(await readdir(scratch.at('outside'))).toEqual(['precious.txt']);
  });

  test('is not followed through a link that somebody put where a file or a folder of it was', async () => {
    await using scratch = await Scratch.open();
    await using agent = await withBoth(scratch);
    await scratch.write('outside/b.bin', 'precious');
    await scratch.write('outside/a.bin', 'precious');
    await rm(scratch.at('root', 'films', 'deep'), { recursive: true });
    await symlink(scratch.at('outside'), scratch.at('root', 'films', 'deep'));
    await rm(scratch.at('root', 'songs'), { recursive: true });
    await symlink(scratch.at('outside'), scratch.at('root', 'songs'));
    await agent.client.onlyPayloads([], { allowEmpty: true });
    await agent.removed(scratch);
    expect(await all(scratch.at('outside'))).toEqual(['a.bin', 'b.bin']);
    expect(await readFile(scratch.at('outside', 'b.bin'), 'utf8')).toBe('precious');
    expect(await readFile(scratch.at('outside', 'a.bin'), 'utf8')).toBe('precious');
  });

  test('goes although somebody has deleted some of it, and takes nothing else along', async () => {
    await using scratch = await Scratch.open();
    await using agent = await withBoth(scratch);
    await rm(scratch.at('root', 'films', 'deep'), { recursive: true });
    await agent.client.onlyPayloads([], { allowEmpty: true });
    await agent.removed(scratch);
    expect(await all(scratch.at('root'))).toEqual(['mine.txt']);
  });

  test('is not what stands where another order of the same name in other case would put it', async () => {
    await using scratch = await Scratch.open();
    await using agent = await withBoth(scratch);
    await agent.client.putPayload('FILMS', orders.FILMS);
    await agent.until('FILMS', ({ complete, error }) => complete || error !== undefined);
    await agent.client.removePayload('FILMS');
    await agent.removed(scratch);
    expect(await all(scratch.at('root'))).toEqual(BOTH);
    expect((await readFile(scratch.at('root', 'films', 'a.bin'))).equals(PAYLOADS.films['a.bin'])).toBe(true);
  });

  test('is not what another payload, at the same place, still is', async () => {
    await using scratch = await Scratch.open();
    await using agent = await withBoth(scratch);
    // Other content under the name that `songs` has: it finds the place taken.
    const other = await otherSongs(scratch);
    await agent.client.putPayload('other-songs', other);
    const refused = await agent.until('other-songs', ({ error }) => error !== undefined);
    expect(refused.error?.code).toBe('destination-exists');
    await agent.client.onlyPayloads([named('films'), named('songs')]);
    await agent.removed(scratch);
    expect(await all(scratch.at('root'))).toEqual(BOTH);
  });
});

/** A payload whose folder is called `songs` too. */
async function otherSongs(scratch: Scratch): Promise<PayloadOrder> {
  await scratch.write('elsewhere/songs/a.bin', noise(50_000, 9));
  const torrent = scratch.at('other.torrent');
  await brine('create', scratch.at('elsewhere', 'songs'), '-o', torrent);
  return { torrent: (await readFile(torrent)).toString('base64') };
}

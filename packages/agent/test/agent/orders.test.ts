import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { sep } from 'node:path';

import { describe, expect, test } from 'vitest';

import { OrderBook } from '../../src/agent/orders/order-book.ts';
import type { PayloadRecord } from '../../src/agent/orders/payload-record.ts';
import { planOrders } from '../../src/agent/orders/plan-orders.ts';
import { Roots } from '../../src/agent/orders/roots.ts';
import { Scratch } from '../brine.ts';

function record(name: string, infohash: string, more: Partial<PayloadRecord> = {}): PayloadRecord {
  return {
    name,
    infohash,
    path: '/srv',
    directory: '/srv',
    mode: 'download',
    peers: [],
    trackers: [],
    limits: {},
    paused: false,
    orderedAt: '2026-01-02T03:04:05.000Z',
    ...more,
  };
}

function records(...list: readonly PayloadRecord[]): ReadonlyMap<string, PayloadRecord> {
  return new Map(list.map((each) => [each.name, each]));
}

describe('a plan', () => {
  test('adds what is new, removes what is gone, leaves what stays', () => {
    const plan = planOrders(
      records(record('a', '1'), record('b', '2')),
      records(record('b', '2'), record('c', '3')),
    );
    expect(plan).toEqual({
      additions: [record('c', '3')],
      updates: [],
      removals: [{ infohash: '1', directory: '/srv', mode: 'download' }],
    });
  });

  test('other content under the same name is an addition and a removal', () => {
    const plan = planOrders(records(record('a', '1')), records(record('a', '2')));
    expect(plan.additions).toEqual([record('a', '2')]);
    expect(plan.removals.map(({ infohash }) => infohash)).toEqual(['1']);
  });

  test('the same content under another name is neither', () => {
    const plan = planOrders(records(record('a', '1')), records(record('b', '1')));
    expect(plan).toEqual({
      additions: [],
      removals: [],
      updates: [{ from: record('a', '1'), to: record('b', '1') }],
    });
  });

  test('the same content twice is refused', () => {
    expect(() => planOrders(records(), records(record('a', '1'), record('b', '1')))).toThrow(
      expect.objectContaining({ code: 'infohash-taken' }),
    );
  });

  test.each([{ directory: '/elsewhere' }, { mode: 'seed' as const }])(
    'another place is refused: %j',
    (more) => {
      expect(() => planOrders(records(record('a', '1')), records(record('a', '1', more)))).toThrow(
        expect.objectContaining({ code: 'order-conflicts' }),
      );
    },
  );
});

describe('the book', () => {
  test('has after a restart what it kept', async () => {
    await using scratch = await Scratch.open();
    const file = scratch.at('orders.json');
    const book = await OrderBook.open(file);
    await book.keep({ payloads: records(record('a', '1')), limits: { total: { downBytesPerSecond: 5 } } });
    expect((await OrderBook.open(file)).content).toEqual(book.content);
  });

  test('what cannot be kept is not in force', async () => {
    await using scratch = await Scratch.open();
    const book = await OrderBook.open(scratch.at('missing', 'orders.json'));
    await expect(book.keep({ payloads: records(record('a', '1')) })).rejects.toThrow(/ENOENT/);
    expect(book.content.payloads.size).toBe(0);
  });

  test.each(['', '{', '{"format":2,"payloads":[],"removals":[]}', '{"format":1}'])(
    'one that cannot be read is left alone: %j',
    async (text) => {
      await using scratch = await Scratch.open();
      const file = await scratch.write('orders.json', text);
      await expect(OrderBook.open(file)).rejects.toMatchObject({ code: 'state-damaged' });
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );
});

describe('a path', () => {
  async function openRoots(): Promise<{ scratch: Scratch; roots: Roots }> {
    const scratch = await Scratch.open();
    for (const folder of ['root', 'root-and-more', 'outside']) await mkdir(scratch.at(folder));
    return { scratch, roots: new Roots([scratch.at('root')]) };
  }

  test('may be a root or below, also one that is not there yet', async () => {
    const { scratch, roots } = await openRoots();
    await using _scratch = scratch;
    for (const path of ['root', 'root/a', 'root/a/b/c', 'outside/../root/x'])
      expect(await roots.place(`${scratch.path}${sep}${path}`, '/path')).toMatch(/root/);
  });

  test.each(['.', '..', 'outside', 'root-and-more', 'root/../outside', 'root/..', 'rooted'])(
    'may not be %s',
    async (path) => {
      const { scratch, roots } = await openRoots();
      await using _scratch = scratch;
      await expect(roots.place(`${scratch.path}${sep}${path}`, '/path')).rejects.toMatchObject({
        code: 'path-refused',
        pointer: '/path',
      });
    },
  );

  test.each(['relative', 'root', '', './root', 'a\0b'])(
    'may not be relative or strange: %j',
    async (path) => {
      const { scratch, roots } = await openRoots();
      await using _scratch = scratch;
      await expect(roots.place(path, '/path')).rejects.toMatchObject({ code: 'path-refused' });
    },
  );

  test('may not lead out through a symbolic link', async () => {
    const { scratch, roots } = await openRoots();
    await using _scratch = scratch;
    await symlink(scratch.at('outside'), scratch.at('root', 'way-out'));
    await symlink(scratch.at('nowhere'), scratch.at('root', 'dangling'));
    await writeFile(scratch.at('root', 'file'), '');
    for (const path of ['way-out', 'way-out/deeper', 'dangling', 'dangling/deeper', 'file/below'])
      await expect(roots.place(scratch.at('root', path), '/path')).rejects.toMatchObject({
        code: 'path-refused',
      });
  });

  test('may go through links that stay inside, and is told where it leads', async () => {
    const { scratch, roots } = await openRoots();
    await using _scratch = scratch;
    await mkdir(scratch.at('root', 'real'));
    await symlink(scratch.at('root', 'real'), scratch.at('root', 'link'));
    const real = await roots.place(scratch.at('root', 'real', 'x'), '/path');
    expect(await roots.place(scratch.at('root', 'link', 'x'), '/path')).toBe(real);
  });
});

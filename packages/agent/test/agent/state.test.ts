import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { IdleWatch } from '../../src/agent/idle-watch.ts';
import type { Activity } from '../../src/agent/idle-watch.ts';
import { lookAtRoots } from '../../src/agent/orders/root-access.ts';
import { InstanceLock } from '../../src/agent/state/instance-lock.ts';
import { byPipe } from '../../src/agent/state/living-processes.ts';
import type { Processes } from '../../src/agent/state/living-processes.ts';
import { readOrMakeToken } from '../../src/agent/state/token-file.ts';
import { Scratch } from '../brine.ts';

/** A world in which only these processes live. */
function processes(pid: number, alive: readonly number[]): Processes {
  return {
    pid,
    birth: async () => `born-${pid}`,
    isAlive: async (holder) => alive.includes(holder.pid) && holder.birth === `born-${holder.pid}`,
  };
}

describe('the lock', () => {
  test('is one process’s while it lives', async () => {
    await using scratch = await Scratch.open();
    const file = scratch.at('agent.lock');
    await InstanceLock.take(file, processes(1, [1]));
    await expect(InstanceLock.take(file, processes(2, [1, 2]))).rejects.toMatchObject({
      code: 'agent-running',
      message: expect.stringContaining('process 1') as string,
    });
    expect(await readdir(scratch.path)).toEqual(['agent.lock']);
  });

  test('of a dead process is taken over, by one of all who try', async () => {
    await using scratch = await Scratch.open();
    const file = scratch.at('agent.lock');
    await InstanceLock.take(file, processes(1, [1]));
    const pids = Array.from({ length: 20 }, (_, at) => at + 2);
    const taken = await Promise.allSettled(pids.map((pid) => InstanceLock.take(file, processes(pid, pids))));
    expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(scratch.path)).toEqual(['agent.lock']);
  });

  test('of a process whose number another has now is taken over', async () => {
    await using scratch = await Scratch.open();
    const file = await scratch.write('agent.lock', JSON.stringify({ pid: 1, birth: 'before the restart' }));
    await InstanceLock.take(file, processes(2, [1, 2]));
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: 2 });
  });

  test('that was cut short is taken over', async () => {
    await using scratch = await Scratch.open();
    const file = await scratch.write('agent.lock', '{"pi');
    await InstanceLock.take(file, processes(2, [2]));
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ pid: 2 });
  });

  test('is given back, but never another’s', async () => {
    await using scratch = await Scratch.open();
    const file = scratch.at('agent.lock');
    const first = await InstanceLock.take(file, processes(1, [1]));
    const second = await InstanceLock.take(file, processes(2, [2]));
    await first.release();
    expect(await readdir(scratch.path)).toEqual(['agent.lock']);
    await second.release();
    expect(await readdir(scratch.path)).toEqual([]);
  });
});

describe('a process that is known by a pipe', () => {
  test('lives as long as the pipe is open, however its number is used again', async () => {
    await using scratch = await Scratch.open();
    const processes = byPipe((birth) => scratch.at(birth), 7);
    const script = `require('net').createServer().listen(process.argv[1], () => console.log('open'))`;
    const child = spawn(process.execPath, ['-e', script, scratch.at('theirs')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    await once(child.stdout, 'data');
    const theirs = { pid: 7, birth: 'theirs' };
    expect(await processes.isAlive(theirs)).toBe(true);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await processes.isAlive(theirs)).toBe(false);
    expect(await processes.isAlive({ pid: 7, birth: 'never was' })).toBe(false);
    const mine = { pid: 7, birth: await processes.birth() };
    expect(await processes.isAlive(mine)).toBe(true);
    const file = scratch.at('agent.lock');
    await InstanceLock.take(file, processes);
    await expect(InstanceLock.take(file, processes)).rejects.toMatchObject({ code: 'agent-running' });
  });
});

describe('the token', () => {
  test('is made once, for its owner alone', async () => {
    await using scratch = await Scratch.open();
    const token = await readOrMakeToken(scratch.at('token'));
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await readOrMakeToken(scratch.at('token'))).toBe(token);
    const { mode } = await stat(scratch.at('token'));
    expect(mode & 0o077).toBe(0);
  });

  test('that is short is refused', async () => {
    await using scratch = await Scratch.open();
    const file = await scratch.write('token', 'secret\n');
    await expect(readOrMakeToken(file)).rejects.toThrow(/could be guessed/);
  });
});

describe('idle', () => {
  const activity = (phase: string, uploadedBytes = 0, lastCallMs = 0): Activity =>
    ({ payloads: [{ phase }], engine: { uploadedBytes }, lastCallMs }) as unknown as Activity;

  test('is who has had no work, no taker and no call for long enough', () => {
    const watch = new IdleWatch(1_000, 0);
    expect(watch.isIdle(500, activity('downloading'))).toBe(false);
    expect(watch.isIdle(1_499, activity('seeding'))).toBe(false);
    expect(watch.isIdle(1_500, activity('seeding'))).toBe(true);
    expect(watch.isIdle(1_600, activity('seeding', 16_384))).toBe(false);
    expect(watch.isIdle(2_600, activity('paused', 16_384))).toBe(true);
    expect(watch.isIdle(2_700, activity('failed', 16_384, 2_000))).toBe(false);
    expect(watch.isIdle(3_000, activity('failed', 16_384, 2_000))).toBe(true);
  });

  test.each(['resolving', 'opening', 'checking', 'downloading', 'waiting'])(
    'is nobody who is %s',
    (phase) => {
      expect(new IdleWatch(1_000, 0).isIdle(9_999, activity(phase))).toBe(false);
    },
  );
});

test('a root that cannot be used is told at the start, and one that is only not made yet, quietly', async () => {
  await using scratch = await Scratch.open();
  const file = await scratch.write('file', 'x');
  const told: [string, unknown][] = [];
  const log = {
    info: (fields: unknown) => told.push(['info', fields]),
    warn: (fields: unknown) => told.push(['warn', fields]),
  };
  await lookAtRoots([scratch.path, scratch.at('new'), scratch.at('file', 'below')], log);
  expect(told).toEqual([
    ['info', { root: scratch.at('new') }],
    ['warn', { root: `${file}/below`, code: 'ENOTDIR' }],
  ]);
});

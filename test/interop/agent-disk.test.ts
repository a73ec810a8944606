import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { PayloadDetails } from '@brine/control-http/client';
import { expect, test } from 'vitest';

import { until } from '../rig/agent.ts';
import type { AgentProcess } from '../rig/agent.ts';
import { DiskRoom, PAYLOAD_BYTES } from './disk-room.ts';
import { describeInterop } from './requirements.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
const LONG = 120_000;

describeInterop('an agent on a disk that refuses', () => {
  test.concurrent(
    'a full disk is told with what to do, and with space the payload completes by itself; others went on meanwhile',
    async () => {
      await using room = await DiskRoom.open(2, 20 * MIB);
      const ballast = await room.leaveFree(5 * MIB);
      await using agent = room.start();
      const client = await agent.client();
      await client.putPayload('big', room.order);
      const waiting = await until(client, 'big', isWaiting);
      expect(waiting.error).toMatchObject({
        code: 'disk-full',
        message: expect.stringContaining('the disk is full') as string,
        wayOut: 'Free some space; the transfer goes on by itself.',
      });
      expect(waiting.complete).toBe(false);
      expect(await metric(agent, 'brine_payload_trouble{payload="big"}')).toBe(1);
      // The same payload on a disk with room.
      await client.putPayload('elsewhere', { ...(await room.another()), path: room.roomy });
      await until(client, 'elsewhere', ({ complete }) => complete);
      expect((await client.getPayload('big')).phase).toBe('waiting');

      await rm(ballast);
      const done = await until(client, 'big', ({ complete }) => complete);
      expect(done.error).toBeUndefined();
      await room.expectWhole();
      await agent.stop();
    },
    LONG,
  );

  test.concurrent(
    'a full state directory refuses an order instead of half taking it, and takes it when there is space',
    async () => {
      await using room = await DiskRoom.open(3, 8 * MIB);
      await using agent = room.start({ state: join(room.small, 'state'), root: room.roomy });
      const client = await agent.client();
      const other = { infohash: 'ab'.repeat(20), paused: true };
      await client.putPayload('before', other);
      const ballast = await room.leaveFree(0);
      const refused = { code: 'state-unwritable', message: expect.stringContaining('not taken') as string };
      await expect(client.putPayload('big', { ...room.order, path: room.roomy })).rejects.toMatchObject(
        refused,
      );
      await expect(client.pausePayload('before')).resolves.toMatchObject({ name: 'before' });
      await expect(client.resumePayload('before')).rejects.toMatchObject(refused);
      await expect(client.onlyPayloads([], { allowEmpty: true })).rejects.toMatchObject(refused);
      expect((await client.listPayloads()).map(({ name, phase }) => [name, phase])).toEqual([
        ['before', 'paused'],
      ]);

      await rm(ballast);
      await client.putPayload('big', { ...room.order, path: room.roomy });
      await until(client, 'big', ({ complete }) => complete);
      await agent.stop();
    },
    LONG,
  );

  test.concurrent(
    'a read-only file system is waited for',
    async () => {
      await using room = await DiskRoom.open(4, 20 * MIB);
      await using agent = room.start();
      const client = await agent.client();
      await run('mount', ['-o', 'remount,ro', room.small]);
      await client.putPayload('big', room.order);
      const waiting = await until(client, 'big', isWaiting);
      expect(waiting.error).toMatchObject({
        code: 'read-only',
        wayOut: 'Make the file system writable again; the transfer goes on by itself.',
      });
      await run('mount', ['-o', 'remount,rw', room.small]);
      await until(client, 'big', ({ complete }) => complete);
      await room.expectWhole();
      await agent.stop();
    },
    LONG,
  );

  test.concurrent(
    'a file that may not be written for a while, in the middle of a transfer, is waited for and nothing is fetched again',
    async () => {
      await using room = await DiskRoom.open(5, 20 * MIB);
      await using agent = room.start();
      const client = await agent.client();
      await client.putPayload('big', { ...room.order, limits: { downBytesPerSecond: 3 * MIB } });
      const part = await until(client, 'big', ({ bytesDone }) => bytesDone > MIB);
      const staged = join(room.small, '.brine', part.infohash, 'payload', room.payload.name);
      await run('chattr', ['+i', staged]);
      const waiting = await until(client, 'big', isWaiting);
      expect(waiting.error).toMatchObject({
        code: 'permission-denied',
        message: expect.stringContaining(staged) as string,
      });
      await run('chattr', ['-i', staged]);
      const done = await until(client, 'big', ({ complete }) => complete);
      expect(done.traffic.site.downloadedBytes + done.traffic.wan.downloadedBytes).toBeLessThan(
        PAYLOAD_BYTES + MIB,
      );
      await room.expectWhole();
      await agent.stop();
    },
    LONG,
  );
});

function isWaiting({ phase, error }: PayloadDetails): boolean {
  return phase === 'waiting' && error !== undefined;
}

async function metric(agent: AgentProcess, series: string): Promise<number> {
  const { url, token } = await agent.api();
  const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  const line = (await answer.text()).split('\n').find((line) => line.startsWith(`${series} `));
  return Number(line?.slice(series.length + 1));
}

import { createHash } from 'node:crypto';
import { NodeHasher } from '@brine/piece-store/node';
import { expect, test } from 'vitest';
import { Sha256Fallback } from '../src/sha256-fallback.ts';

const inputs = [0, 1, 63, 64, 70_000, 300_000].map((length) => new Uint8Array(length).fill(length));

test('the node hasher digests on this thread and on others alike, and leaves its inputs alone', async () => {
  const hasher = new NodeHasher();
  for (const algorithm of ['sha1', 'sha256'] as const) {
    const expected = inputs.map((bytes) => createHash(algorithm).update(bytes).digest('hex'));
    const all = await hasher.digestAll(algorithm, inputs);
    expect(all.map((digest) => Buffer.from(digest).toString('hex'))).toEqual(expected);
    const single = inputs.map((bytes) => Buffer.from(hasher.digest(algorithm, bytes)).toString('hex'));
    expect(single).toEqual(expected);
  }
  expect(inputs.map((bytes) => bytes.length)).toEqual([0, 1, 63, 64, 70_000, 300_000]);
  await hasher.close();
});

test('the fallback computes SHA-256 like the platform, and refuses SHA-1 clearly', async () => {
  const fallback = new Sha256Fallback();
  const all = await fallback.digestAll('sha256', inputs);
  all.forEach((digest, index) => {
    expect(Buffer.from(digest).toString('hex')).toBe(
      createHash('sha256').update(inputs[index]!).digest('hex'),
    );
  });
  expect(() => fallback.digest('sha1', new Uint8Array(1))).toThrow(/SHA-1 needs the platform/);
  await fallback.close();
});

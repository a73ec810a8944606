import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { FaultyStorage } from '../src/faulty-storage.ts';
import type { FaultScript } from '../src/faulty-storage.ts';
import { MemoryStorage } from '../src/memory-storage.ts';
import { SlowStorage } from '../src/slow-storage.ts';
import type { Storage } from '../src/storage.ts';
import { StoreError } from '../src/store-error.ts';
import { TIMING_BOUNDS_MS, TimedStorage } from '../src/timed-storage.ts';
import { lend, pieceStoreContract, put, read } from './contract/piece-store-contract.ts';
import type { Bench } from './contract/piece-store-contract.ts';
import { samplePayload } from './contract/sample-payload.ts';

const defer = (task: () => void): unknown => setImmediate(task);

function memory(): MemoryStorage {
  return new MemoryStorage({
    defer,
    hasher: { digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest() },
  });
}

function wrapped(wrap: (inner: Storage) => Storage): Bench {
  const inner = memory();
  return {
    storage: wrap(inner),
    directory: '/there',
    otherDirectory: '/elsewhere',
    place: (sample) => inner.place('/there', sample.layout, sample.bytes),
    close: () => inner.close(),
  };
}

pieceStoreContract('slow storage', () =>
  wrapped((inner) => new SlowStorage(inner, { schedule: (_, task) => defer(task) })),
);
pieceStoreContract('faulty storage without faults', () =>
  wrapped((inner) => new FaultyStorage(inner, { script: () => undefined, defer })),
);
pieceStoreContract('timed storage', () => wrapped((inner) => new TimedStorage(inner, () => 0)));

const sample = samplePayload(16 * 1024, [['f', 40_000]]);
const request = { id: sample.id, layout: sample.layout, directory: '/there', mode: 'download' } as const;

describe('storage wrappers', () => {
  test('a slow storage waits as long as it was told before it commits and reads', async () => {
    const waits: number[] = [];
    const schedule = (delayMs: number, task: () => void): void => {
      waits.push(delayMs);
      defer(task);
    };
    const storage = new SlowStorage(memory(), { schedule, commitDelayMs: 70, readDelayMs: 5 });
    const store = await storage.open(request);
    await put(store, sample, 0);
    await read(store, 0, 0, [new Uint8Array(4)]);
    expect(waits).toEqual([70, 5]);
  });

  test('a disk that is full for two commits leaves the buffer with the caller, who succeeds the third time', async () => {
    let failures = 2;
    const script: FaultScript = ({ type }) =>
      type === 'commit' && failures-- > 0 ? new StoreError('disk-full', 'full') : undefined;
    const store = await new FaultyStorage(memory(), { script, defer }).open(request);
    const buffer = lend(store, sample, 1);
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      await new Promise<void>((resolve) => {
        store.commit(buffer, {}, (outcome) => {
          outcomes.push(outcome.type === 'failed' ? outcome.error.code : outcome.type);
          resolve();
        });
      });
    }
    expect(outcomes).toEqual(['disk-full', 'disk-full', 'stored']);
    expect(store.has(1)).toBe(true);
  });

  test('each operation that can fail asks the script', async () => {
    const asked: string[] = [];
    const failing = new Set(['read', 'publish', 'flush']);
    const script: FaultScript = ({ type }) => {
      asked.push(type);
      return failing.has(type) ? new StoreError('io-failed', type) : undefined;
    };
    const store = await new FaultyStorage(memory(), { script, defer }).open(request);
    await put(store, sample, 0);
    expect(await read(store, 0, 0, [])).toMatchObject({ code: 'io-failed' });
    await expect(store.publish()).rejects.toThrow('publish');
    await expect(store.flush()).rejects.toThrow('flush');
    expect(asked).toEqual(['open', 'commit', 'read', 'publish', 'flush']);
  });

  test('a scripted open fails', async () => {
    const script: FaultScript = () => new StoreError('permission-denied', 'no');
    await expect(new FaultyStorage(memory(), { script, defer }).open(request)).rejects.toMatchObject({
      code: 'permission-denied',
    });
  });

  test('a timed storage counts and sorts durations', async () => {
    let nowMs = 0;
    const timed = new TimedStorage(memory(), () => (nowMs += 20));
    const store = await timed.open(request);
    await put(store, sample, 0);
    await put(store, sample, 1);
    await read(store, 0, 0, [new Uint8Array(1)]);
    expect(timed.commits).toMatchObject({ count: 2, totalMs: 40, longestMs: 20 });
    expect(timed.commits.buckets[TIMING_BOUNDS_MS.indexOf(30)]).toBe(2);
    expect(timed.reads.count).toBe(1);
  });

  test('stores that share known pieces keep each distinct piece once', async () => {
    const knownPieces = new Map<string, Uint8Array>();
    const hasher = {
      digest: (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest(),
    };
    for (let host = 0; host < 5; host++) {
      const store = await new MemoryStorage({ defer, hasher, knownPieces }).open(request);
      for (let piece = 0; piece < sample.layout.pieceCount; piece++) await put(store, sample, piece);
    }
    expect(knownPieces.size).toBe(sample.layout.pieceCount);
  });
});

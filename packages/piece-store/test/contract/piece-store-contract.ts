import { afterEach, describe, expect, test } from 'vitest';
import type { CommitOptions, CommitOutcome, PieceBuffer, PieceStore } from '../../src/piece-store.ts';
import { BLOCK_LENGTH } from '../../src/piece-store.ts';
import type { OpenMode, Storage } from '../../src/storage.ts';
import { pieceBytes, samplePayload } from './sample-payload.ts';
import type { SamplePayload } from './sample-payload.ts';

/** One place with nothing in it, and the storage under test. */
export interface Bench {
  readonly storage: Storage;
  readonly directory: string;
  /** Another directory on the same file system. */
  readonly otherDirectory: string;
  /** Puts a payload at its destination in `directory`, as a user would. */
  place(sample: SamplePayload): void | Promise<void>;
  close(): Promise<void>;
}

const KIB = 1024;
const FILES = [
  ['a.bin', 40 * KIB],
  ['sub/empty', 0],
  ['sub/b.bin', 30_001],
  ['.pad/1', 2767, 'p'],
  ['tool', 50_000, 'x'],
] as const;

/** What every `Storage` and every `PieceStore` must do, also behind wrappers. */
export function pieceStoreContract(name: string, createBench: () => Promise<Bench> | Bench): void {
  describe(`piece store contract: ${name}`, () => {
    const benches: Bench[] = [];
    afterEach(async () => {
      for (const bench of benches.splice(0)) await bench.close();
    });

    async function given(): Promise<Bench> {
      const bench = await createBench();
      benches.push(bench);
      return bench;
    }

    test('a right piece is stored, readable and counted; the same bytes come back', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      expect(await put(store, sample, 1)).toEqual({ type: 'stored' });
      expect(store.has(1)).toBe(true);
      expect(store.has(0)).toBe(false);
      expect(store.verifiedCount).toBe(1);
      expect(store.verifiedBits()[0]).toBe(0x40);
      expect(await readAll(store, 1)).toEqual(Buffer.from(pieceBytes(sample, 1)));
    });

    test('a wrong piece is refused with a digest for each block, and can be committed again', async () => {
      const bench = await given();
      const sample = samplePayload(4 * BLOCK_LENGTH, [['f', 4 * BLOCK_LENGTH + 5]]);
      const store = await open(bench, sample);
      const wrong = pieceBytes(sample, 0).slice();
      wrong[2 * BLOCK_LENGTH]! ^= 1;
      const corrupt = await put(store, sample, 0, wrong);
      expect(corrupt.type).toBe('corrupt');
      expect(store.has(0)).toBe(false);
      const stored = await put(store, sample, 0, undefined, { digestBlocks: true });
      if (corrupt.type !== 'corrupt' || stored.type !== 'stored') throw new Error(stored.type);
      const differing = corrupt.blockDigests.flatMap((digest, block) =>
        Buffer.from(digest).equals(stored.blockDigests![block]!) ? [] : [block],
      );
      expect(corrupt.blockDigests).toHaveLength(4);
      expect(differing).toEqual([2]);
    });

    test('callbacks never come from inside the call', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await put(store, sample, 0);
      let inside = true;
      const seen: boolean[] = [];
      await new Promise<void>((resolve) => {
        store.read(0, 0, [new Uint8Array(5)], () => {
          seen.push(inside);
          resolve();
        });
        inside = false;
      });
      const buffer = lend(store, sample, 1);
      inside = true;
      await new Promise<void>((resolve) => {
        store.commit(buffer, {}, () => {
          seen.push(inside);
          resolve();
        });
        inside = false;
      });
      expect(seen).toEqual([false, false]);
    });

    test('a scatter read crosses files and padding and leaves gaps alone', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await putAll(store, sample);
      for (const [piece, begin, lengths] of [
        [1, 7, [100, 20_000, 1]],
        [2, 0, [32 * KIB]],
        [0, 32 * KIB - 1, [1]],
      ] as const) {
        const frame = new Uint8Array(lengths.reduce((sum, length) => sum + length + 13, 0)).fill(0xee);
        let at = 0;
        const targets = lengths.map((length) => {
          const target = frame.subarray(at + 13, at + 13 + length);
          at += 13 + length;
          return target;
        });
        expect(await read(store, piece, begin, targets)).toBeUndefined();
        let position = begin;
        for (const target of targets) {
          expect(Buffer.from(pieceBytes(sample, piece).subarray(position, position + target.length))).toEqual(
            Buffer.from(target),
          );
          position += target.length;
        }
        expect(frame[0]).toBe(0xee);
        expect(frame[12]).toBe(0xee);
      }
    });

    test('a piece that is not verified cannot be read', async () => {
      const bench = await given();
      const store = await open(bench, folder());
      expect(await read(store, 0, 0, [new Uint8Array(1)])).toMatchObject({ name: 'StoreError' });
    });

    test('the pool lends a bounded number of buffers and lends again what comes back', async () => {
      const bench = await given();
      const sample = samplePayload(16 * KIB * KIB, [['big', 16 * KIB * KIB * 3]]);
      const store = await open(bench, sample);
      const lent: PieceBuffer[] = [];
      for (let turn = 0; turn < 100; turn++) {
        const buffer = store.borrow(0);
        if (buffer === undefined) break;
        lent.push(buffer);
      }
      expect(lent.length).toBeGreaterThanOrEqual(2);
      expect(lent.length).toBeLessThanOrEqual(8);
      store.giveBack(lent.pop()!);
      expect(store.borrow(0)).toBeDefined();
    });

    test('a whole payload is published, and seeds from there with a new store', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await putAll(store, sample);
      expect(store.published).toBe(false);
      await store.publish();
      await store.publish();
      expect(store.published).toBe(true);
      expect(await readAll(store, 2)).toEqual(Buffer.from(pieceBytes(sample, 2)));
      await store.close();
      const again = await open(bench, sample, 'seed');
      expect(again.published).toBe(true);
      expect(again.verifiedCount).toBe(sample.layout.pieceCount);
      expect(await readAll(again, 0)).toEqual(Buffer.from(pieceBytes(sample, 0)));
    });

    test('an incomplete payload is not published', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await put(store, sample, 0);
      await store.publish();
      expect(store.published).toBe(false);
    });

    test('what was stored before close is there after opening again', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await put(store, sample, 0);
      await put(store, sample, 3);
      await store.close();
      const again = await open(bench, sample);
      expect([again.has(0), again.has(1), again.has(3)]).toEqual([true, false, true]);
      expect(await put(again, sample, 1)).toEqual({ type: 'stored' });
    });

    test('a foreign payload at the destination is neither touched nor used', async () => {
      const bench = await given();
      const sample = folder();
      await bench.place({ ...sample, bytes: samplePayload(32 * KIB, FILES, { seed: 9 }).bytes });
      await expect(open(bench, sample)).rejects.toMatchObject({ code: 'destination-exists' });
    });

    test('the right payload at the destination is taken over', async () => {
      const bench = await given();
      const sample = folder();
      await bench.place(sample);
      const store = await open(bench, sample);
      expect(store.published).toBe(true);
      expect(store.verifiedCount).toBe(sample.layout.pieceCount);
    });

    test('adopting completes what stands at the destination', async () => {
      const bench = await given();
      const sample = folder();
      const damaged = sample.bytes.slice();
      damaged[0]! ^= 1;
      await bench.place({ ...sample, bytes: damaged });
      const store = await open(bench, sample, 'adopt');
      expect(store.published).toBe(false);
      expect(store.has(0)).toBe(false);
      expect(store.has(1)).toBe(true);
      await put(store, sample, 0);
      await store.publish();
      expect(store.published).toBe(true);
      await store.verify();
      expect(store.verifiedCount).toBe(sample.layout.pieceCount);
    });

    test('verify hashes everything and reports progress', async () => {
      const bench = await given();
      const sample = folder();
      await bench.place(sample);
      const store = await open(bench, sample, 'seed');
      const seen: number[] = [];
      await store.verify({ onProgress: ({ piecesChecked }) => seen.push(piecesChecked) });
      expect(seen.at(-1)).toBe(sample.layout.pieceCount);
      expect(store.verifiedCount).toBe(sample.layout.pieceCount);
    });

    test('only wanted files are published; others can become wanted later', async () => {
      const bench = await given();
      const sample = folder();
      const only = (wanted: readonly number[]) => sample.layout.files.map((_, file) => wanted.includes(file));
      const store = await open(bench, sample, 'download', only([0]));
      await put(store, sample, 0);
      await put(store, sample, 1);
      await store.publish();
      expect(store.published).toBe(true);
      expect(await readAll(store, 1)).toEqual(Buffer.from(pieceBytes(sample, 1)));
      await store.setWanted(only([0, 1, 2, 3, 4]));
      expect(store.published).toBe(false);
      await putAll(store, sample);
      await store.publish();
      expect(store.published).toBe(true);
      await store.verify();
      expect(store.verifiedCount).toBe(sample.layout.pieceCount);
    });

    test('a payload moves while it is staged and when it is published', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await put(store, sample, 0);
      await store.move(bench.otherDirectory);
      expect(await readAll(store, 0)).toEqual(Buffer.from(pieceBytes(sample, 0)));
      await putAll(store, sample);
      await store.publish();
      await store.move(bench.directory);
      expect(await readAll(store, 1)).toEqual(Buffer.from(pieceBytes(sample, 1)));
      await store.close();
      const again = await open(bench, sample, 'seed');
      expect(again.verifiedCount).toBe(sample.layout.pieceCount);
    });

    test('removing with data takes everything away; without it a published payload stays', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await putAll(store, sample);
      await store.publish();
      await store.remove({ data: false });
      const again = await open(bench, sample, 'seed');
      await again.remove({ data: true });
      const third = await open(bench, sample);
      expect(third.published).toBe(true);
      await third.close();
    });

    test('removing with data deletes what this store has staged or published', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      await putAll(store, sample);
      await store.publish();
      await store.remove({ data: true });
      const again = await open(bench, sample);
      expect(again.verifiedCount).toBe(0);
      await put(again, sample, 0);
      await again.remove({ data: false });
      const third = await open(bench, sample);
      expect(third.verifiedCount).toBe(0);
    });

    test('a closed store lends nothing and answers with closed', async () => {
      const bench = await given();
      const sample = folder();
      const store = await open(bench, sample);
      const buffer = lend(store, sample, 0);
      await store.flush();
      await store.close();
      expect(store.borrow(0)).toBeUndefined();
      const outcome = await new Promise<CommitOutcome>((resolve) => store.commit(buffer, {}, resolve));
      expect(outcome).toMatchObject({ type: 'failed', error: { code: 'closed' } });
      expect(await read(store, 0, 0, [])).toMatchObject({ code: 'closed' });
    });

    test('seeding needs something to seed', async () => {
      const bench = await given();
      await expect(open(bench, folder(), 'seed')).rejects.toMatchObject({ code: 'file-missing' });
    });

    test('a single file is a payload too', async () => {
      const bench = await given();
      const sample = samplePayload(16 * KIB, [['one.iso', 50_000]], { folder: false });
      const store = await open(bench, sample);
      await putAll(store, sample);
      await store.publish();
      expect(await readAll(store, 3)).toEqual(Buffer.from(pieceBytes(sample, 3)));
      await store.close();
      expect((await open(bench, sample, 'seed')).verifiedCount).toBe(4);
    });
  });
}

function folder(): SamplePayload {
  return samplePayload(32 * KIB, FILES);
}

function open(
  bench: Bench,
  sample: SamplePayload,
  mode: OpenMode = 'download',
  wantedFiles?: readonly boolean[],
): Promise<PieceStore> {
  const { id, layout } = sample;
  return bench.storage.open({
    id,
    layout,
    directory: bench.directory,
    mode,
    ...(wantedFiles === undefined ? {} : { wantedFiles }),
  });
}

/** Borrows a buffer and fills it with the right bytes, or with `bytes`. */
export function lend(
  store: PieceStore,
  sample: SamplePayload,
  piece: number,
  bytes?: Uint8Array,
): PieceBuffer {
  const buffer = store.borrow(piece);
  if (buffer === undefined) throw new Error('the pool is exhausted');
  buffer.bytes.set(bytes ?? pieceBytes(sample, piece));
  return buffer;
}

/** Borrow, fill, commit. */
export function put(
  store: PieceStore,
  sample: SamplePayload,
  piece: number,
  bytes?: Uint8Array,
  options: CommitOptions = {},
): Promise<CommitOutcome> {
  const buffer = lend(store, sample, piece, bytes);
  return new Promise((resolve) => store.commit(buffer, options, resolve));
}

/** Commits every piece that is not there yet. */
export async function putAll(store: PieceStore, sample: SamplePayload): Promise<void> {
  for (let piece = 0; piece < sample.layout.pieceCount; piece++) {
    if (store.has(piece)) continue;
    const outcome = await put(store, sample, piece);
    if (outcome.type !== 'stored') throw new Error(`piece ${piece}: ${outcome.type}`, { cause: outcome });
  }
}

export function read(
  store: PieceStore,
  piece: number,
  begin: number,
  targets: readonly Uint8Array[],
): Promise<Error | undefined> {
  return new Promise((resolve) => store.read(piece, begin, targets, resolve));
}

async function readAll(store: PieceStore, piece: number): Promise<Buffer> {
  const length = Math.min(
    store.layout.pieceLength,
    store.layout.totalLength - piece * store.layout.pieceLength,
  );
  const target = new Uint8Array(length);
  const error = await read(store, piece, 0, [target]);
  if (error !== undefined) throw error;
  return Buffer.from(target);
}

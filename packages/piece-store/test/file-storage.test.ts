import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import * as path from 'node:path';
import { createFileStorage } from '@brine/piece-store/node';
import type { FileStorageOptions } from '@brine/piece-store/node';
import { afterEach, describe, expect, test } from 'vitest';
import type { PayloadLayout } from '../src/payload-layout.ts';
import { decodeResumeRecord } from '../src/node/resume-record.ts';
import type { PieceStore } from '../src/piece-store.ts';
import type { OpenRequest, Storage } from '../src/storage.ts';
import { put, putAll, read } from './contract/piece-store-contract.ts';
import { samplePayload } from './contract/sample-payload.ts';
import type { SamplePayload } from './contract/sample-payload.ts';
import { placeFiles, temporaryDirectory } from './contract/temporary-directory.ts';

const KIB = 1024;
const cleanUps: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function somewhere(): string {
  const { directory, remove } = temporaryDirectory();
  cleanUps.push(remove);
  return directory;
}

function storageWith(options: FileStorageOptions = {}): Storage {
  const storage = createFileStorage(options);
  cleanUps.push(() => storage.close());
  return storage;
}

interface Opened {
  readonly store: PieceStore;
  /** Pieces that were hashed while opening. */
  readonly hashed: number;
}

async function open(
  storage: Storage,
  sample: Pick<SamplePayload, 'id' | 'layout'>,
  directory: string,
  more: Partial<OpenRequest> = {},
): Promise<Opened> {
  let hashed = 0;
  const store = await storage.open({
    id: sample.id,
    layout: sample.layout,
    directory,
    mode: 'download',
    onProgress: (progress) => {
      hashed = progress.piecesChecked;
    },
    ...more,
  });
  return { store, hashed };
}

const twoFiles = samplePayload(16 * KIB, [
  ['a', 64 * KIB],
  ['b', 64 * KIB],
]);

describe('staging and publication', () => {
  test('nothing shows at the destination before everything is complete, and staging is gone afterwards', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith(), twoFiles, directory);
    await put(store, twoFiles, 0);
    expect(readdirSync(directory)).toEqual(['.brine']);
    expect(readdirSync(path.join(directory, '.brine', twoFiles.id, 'payload', 'payload'))).toEqual(['a']);
    await putAll(store, twoFiles);
    await store.publish();
    expect(readdirSync(directory).sort()).toEqual(['.brine', 'payload']);
    expect(readdirSync(path.join(directory, '.brine'))).toEqual([`${twoFiles.id}.resume`]);
    expect(readFileSync(path.join(directory, 'payload', 'b')).equals(twoFiles.bytes.subarray(64 * KIB))).toBe(
      true,
    );
  });

  test('what appears at the destination meanwhile is not overwritten; publication succeeds when it is gone', async () => {
    for (const sample of [twoFiles, samplePayload(16 * KIB, [['one', 20_000]], { folder: false })]) {
      const directory = somewhere();
      const { store } = await open(storageWith(), sample, directory);
      await putAll(store, sample);
      const destination = path.join(directory, sample.layout.name);
      writeFileSync(destination, 'mine');
      await expect(store.publish()).rejects.toMatchObject({ code: 'destination-exists' });
      expect(readFileSync(destination, 'utf8')).toBe('mine');
      expect(store.published).toBe(false);
      unlinkSync(destination);
      await store.publish();
      expect(store.published).toBe(true);
    }
  });

  test('executable files, links and empty files come out as described; padding never does', async () => {
    const directory = somewhere();
    const sample = samplePayload(16 * KIB, [
      ['bin/run', 100, 'x'],
      ['.pad/1', 16 * KIB - 100, 'p'],
      ['bin/data', 10],
      ['empty', 0],
      ['link', 0],
    ]);
    const files = sample.layout.files.map((file) =>
      file.path[0] === 'link' ? { ...file, symlink: ['bin', 'data'] } : file,
    );
    const layout: PayloadLayout = { ...sample.layout, files };
    const { store } = await open(storageWith(), { ...sample, layout }, directory);
    await putAll(store, sample);
    await store.publish();
    const root = path.join(directory, 'payload');
    expect(readdirSync(root).sort()).toEqual(['bin', 'empty', 'link']);
    expect(readlinkSync(path.join(root, 'link'))).toBe(path.join('bin', 'data'));
    expect(statSync(path.join(root, 'bin/run')).mode & 0o111).not.toBe(0);
    expect(statSync(path.join(root, 'bin/data')).mode & 0o111).toBe(0);
    expect(statSync(path.join(root, 'empty')).size).toBe(0);
  });

  test('bytes of unwanted files stay out of sight and need not be fetched again', async () => {
    const directory = somewhere();
    const sample = samplePayload(32 * KIB, [
      ['a', 40 * KIB],
      ['b', 40 * KIB],
    ]);
    const { store } = await open(storageWith(), sample, directory, { wantedFiles: [true, false] });
    await put(store, sample, 0);
    await put(store, sample, 1);
    await store.publish();
    expect(readdirSync(path.join(directory, 'payload'))).toEqual(['a']);
    await store.setWanted([true, true]);
    expect(store.has(1)).toBe(true);
    await put(store, sample, 2);
    await store.publish();
    expect(readFileSync(path.join(directory, 'payload', 'b')).equals(sample.bytes.subarray(40 * KIB))).toBe(
      true,
    );
  });

  test('a file that is not wanted any more is not published half done', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith(), twoFiles, directory);
    await put(store, twoFiles, 5);
    await store.setWanted([true, false]);
    for (const piece of [0, 1, 2, 3]) await put(store, twoFiles, piece);
    await store.publish();
    expect(readdirSync(path.join(directory, 'payload'))).toEqual(['a']);
    await store.close();
    const again = await open(storageWith(), twoFiles, directory);
    expect(again.store.has(5)).toBe(true);
    expect(again.store.published).toBe(false);
  });

  test('a link in staging is not written through', async () => {
    const directory = somewhere();
    const outside = somewhere();
    const sample = samplePayload(16 * KIB, [['sub/f', 100]]);
    const { store } = await open(storageWith(), sample, directory);
    const root = path.join(directory, '.brine', sample.id, 'payload', 'payload');
    mkdirSync(root, { recursive: true });
    symlinkSync(outside, path.join(root, 'sub'));
    expect(await put(store, sample, 0)).toMatchObject({
      type: 'failed',
      error: { code: 'destination-exists' },
    });
    expect(readdirSync(outside)).toEqual([]);
  });

  test('files of others in a published folder survive its removal', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith(), twoFiles, directory);
    await putAll(store, twoFiles);
    await store.publish();
    writeFileSync(path.join(directory, 'payload', 'notes.txt'), 'mine');
    await store.remove({ data: true });
    expect(readdirSync(path.join(directory, 'payload'))).toEqual(['notes.txt']);
    expect(existsSync(path.join(directory, '.brine'))).toBe(false);
  });
});

describe('starting again', () => {
  test('after a clean close nothing is hashed', async () => {
    const directory = somewhere();
    const first = await open(storageWith(), twoFiles, directory);
    await put(first.store, twoFiles, 2);
    await first.store.close();
    const again = await open(storageWith(), twoFiles, directory);
    expect([again.hashed, again.store.verifiedCount]).toEqual([0, 1]);
  });

  test('a file touched since is hashed, and only that', async () => {
    const directory = somewhere();
    placeFiles(directory, twoFiles);
    const first = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    expect(first.hashed).toBe(8);
    await first.store.close();
    utimesSync(path.join(directory, 'payload', 'b'), 1, 1);
    const again = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    expect([again.hashed, again.store.verifiedCount]).toEqual([4, 8]);
    await again.store.close();
    const third = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    expect(third.hashed).toBe(0);
  });

  test('content changed while nobody looked is found out', async () => {
    const directory = somewhere();
    const first = await open(storageWith(), twoFiles, directory);
    await putAll(first.store, twoFiles);
    await first.store.publish();
    await first.store.close();
    const changed = Buffer.from(twoFiles.bytes.subarray(0, 64 * KIB));
    changed[0]! ^= 1;
    writeFileSync(path.join(directory, 'payload', 'a'), changed);
    const again = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    expect(again.store.has(0)).toBe(false);
    expect(again.store.verifiedCount).toBe(7);
  });

  test('without a record, or with a damaged one, everything that is not a hole is hashed', async () => {
    const directory = somewhere();
    const sample = samplePayload(16 * KIB, [
      ['a', 128 * KIB],
      ['b', 128 * KIB],
    ]);
    const first = await open(storageWith(), sample, directory);
    await put(first.store, sample, 0);
    await first.store.close();
    const resume = path.join(directory, '.brine', `${sample.id}.resume`);
    const bytes = readFileSync(resume);
    bytes[bytes.length >> 1]! ^= 1;
    writeFileSync(resume, bytes);
    const again = await open(storageWith(), sample, directory);
    expect([again.hashed, again.store.verifiedCount]).toEqual([8, 1]);
  });

  test('a longer or shorter file never counts as unchanged', async () => {
    const directory = somewhere();
    placeFiles(directory, twoFiles);
    await (await open(storageWith(), twoFiles, directory, { mode: 'seed' })).store.close();
    appendFileSync(path.join(directory, 'payload', 'a'), 'x');
    const { hashed } = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    expect(hashed).toBe(4);
  });

  test('resume data can be kept elsewhere', async () => {
    const directory = somewhere();
    const stateDirectory = path.join(somewhere(), 'deep', 'state');
    placeFiles(directory, twoFiles);
    const first = await open(storageWith({ stateDirectory }), twoFiles, directory, { mode: 'seed' });
    await first.store.close();
    expect(readdirSync(directory)).toEqual(['payload']);
    expect(readdirSync(stateDirectory)).toEqual([`${twoFiles.id}.resume`]);
  });

  test('adopting makes files that are too long or too short right', async () => {
    const directory = somewhere();
    placeFiles(directory, twoFiles);
    appendFileSync(path.join(directory, 'payload', 'a'), 'too long');
    writeFileSync(path.join(directory, 'payload', 'b'), twoFiles.bytes.subarray(64 * KIB, 100 * KIB));
    const { store } = await open(storageWith(), twoFiles, directory, { mode: 'adopt' });
    expect(store.verifiedCount).toBeGreaterThanOrEqual(6);
    await putAll(store, twoFiles);
    for (const piece of [0, 4]) await put(store, twoFiles, piece);
    await store.publish();
    expect(
      readFileSync(path.join(directory, 'payload', 'a')).equals(twoFiles.bytes.subarray(0, 64 * KIB)),
    ).toBe(true);
    expect(readFileSync(path.join(directory, 'payload', 'b')).equals(twoFiles.bytes.subarray(64 * KIB))).toBe(
      true,
    );
  });

  test('what was only read back is not called safe on disk before it was flushed', async () => {
    const directory = somewhere();
    placeFiles(directory, twoFiles);
    const { store } = await open(storageWith(), twoFiles, directory);
    const recorded = (): [number, number] => {
      const bytes = readFileSync(path.join(directory, '.brine', `${twoFiles.id}.resume`));
      const { synced, written } = decodeResumeRecord(twoFiles.id, twoFiles.layout, bytes)!;
      return [synced[0]!, written[0]!];
    };
    expect(recorded()).toEqual([0, 0xff]);
    await store.flush();
    expect(recorded()).toEqual([0xff, 0]);
  });

  test('a payload that has moved is open at its new place', async () => {
    const directory = somewhere();
    const elsewhere = somewhere();
    const storage = storageWith();
    const { store } = await open(storage, twoFiles, directory);
    await put(store, twoFiles, 0);
    await store.move(elsewhere);
    await expect(open(storage, twoFiles, elsewhere)).rejects.toMatchObject({ code: 'file-busy' });
    const second = await open(storage, twoFiles, directory);
    expect(second.store.verifiedCount).toBe(0);
    await store.close();
    expect((await open(storage, twoFiles, elsewhere)).store.verifiedCount).toBe(1);
  });

  test('a payload is open once at a time', async () => {
    const directory = somewhere();
    const storage = storageWith();
    const { store } = await open(storage, twoFiles, directory);
    await expect(open(storage, twoFiles, directory)).rejects.toMatchObject({ code: 'file-busy' });
    await store.close();
    await open(storage, twoFiles, directory);
  });

  test('names that lead out of the payload are refused', async () => {
    for (const [name, file] of [
      ['..', 'f'],
      ['x', '../f'],
      ['x', '/etc/f'],
      ['a/b', 'f'],
    ] as const) {
      const sample = samplePayload(16 * KIB, [[file, 10]], { name });
      await expect(open(storageWith(), sample, somewhere())).rejects.toMatchObject({
        code: 'source-unsupported',
      });
    }
  });
});

describe('when the world fails', () => {
  test('a commit that fails keeps its buffer and succeeds when the obstacle is gone', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith(), twoFiles, directory);
    const obstacle = path.join(directory, '.brine', twoFiles.id);
    writeFileSync(obstacle, 'in the way');
    const buffer = store.borrow(0)!;
    buffer.bytes.set(twoFiles.bytes.subarray(0, 16 * KIB));
    const attempt = (): Promise<string> =>
      new Promise((resolve) =>
        store.commit(buffer, {}, (outcome) =>
          resolve(outcome.type === 'failed' ? outcome.error.code : outcome.type),
        ),
      );
    expect(await attempt()).toBe('destination-exists');
    unlinkSync(obstacle);
    expect(await attempt()).toBe('stored');
    expect(await attempt()).toBe('closed');
  });

  test('a staged file that vanished is reported with its pieces dropped, and is made anew', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith(), twoFiles, directory);
    await put(store, twoFiles, 0);
    await put(store, twoFiles, 4);
    await store.setWanted([true, true]);
    unlinkSync(path.join(directory, '.brine', twoFiles.id, 'payload', 'payload', 'a'));
    expect(await put(store, twoFiles, 1)).toMatchObject({ type: 'failed', error: { code: 'file-missing' } });
    expect([store.has(0), store.has(4)]).toEqual([false, true]);
    await putAll(store, twoFiles);
    await store.publish();
    expect(store.published).toBe(true);
  });

  test('a file that vanishes or shrinks while it is seeded is an error of that read, and its pieces are gone', async () => {
    const directory = somewhere();
    placeFiles(directory, twoFiles);
    const { store } = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    unlinkSync(path.join(directory, 'payload', 'a'));
    writeFileSync(path.join(directory, 'payload', 'b'), 'short');
    expect(await read(store, 0, 0, [new Uint8Array(10)])).toMatchObject({ code: 'file-missing' });
    expect(await read(store, 7, 0, [new Uint8Array(10)])).toMatchObject({ code: 'file-changed' });
    expect([store.verifiedCount, store.published]).toEqual([0, false]);
  });

  test('seeding never writes', async () => {
    const directory = somewhere();
    placeFiles(directory, twoFiles);
    const { store } = await open(storageWith(), twoFiles, directory, { mode: 'seed' });
    expect(await put(store, twoFiles, 0)).toMatchObject({ type: 'failed', error: { code: 'read-only' } });
  });

  test('a published payload that was damaged is found by verify, and repaired by the next commit', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith(), twoFiles, directory);
    await putAll(store, twoFiles);
    await store.publish();
    const file = path.join(directory, 'payload', 'a');
    writeFileSync(file, Buffer.concat([Buffer.from('damage'), readFileSync(file).subarray(6)]));
    rmSync(path.join(directory, 'payload', 'b'));
    await store.verify();
    expect([store.has(0), store.has(1), store.has(5), store.published]).toEqual([false, true, false, false]);
    await putAll(store, twoFiles);
    await store.publish();
    expect(store.published).toBe(true);
    expect(readFileSync(file).equals(twoFiles.bytes.subarray(0, 64 * KIB))).toBe(true);
  });
});

describe('large payloads', () => {
  test('a payload of 120 GB is staged as a sparse file and resumed without hashing', async () => {
    const directory = somewhere();
    const pieceLength = 16 * KIB * KIB;
    const pieceCount = 7500;
    const last = samplePayload(pieceLength, [['big', pieceLength]], { folder: false });
    const pieceHashes = new Uint8Array(pieceCount * 20);
    pieceHashes.set(last.layout.pieceHashes, (pieceCount - 1) * 20);
    const totalLength = pieceCount * pieceLength;
    const files = [{ ...last.layout.files[0]!, length: totalLength }];
    const layout: PayloadLayout = { ...last.layout, pieceCount, totalLength, pieceHashes, files };
    const { store } = await open(storageWith(), { id: last.id, layout }, directory);
    expect(await put(store, { ...last, layout }, pieceCount - 1, last.bytes)).toEqual({ type: 'stored' });
    const staged = lstatSync(path.join(directory, '.brine', last.id, 'payload', 'big'));
    expect(staged.size).toBe(totalLength);
    expect(staged.blocks * 512).toBeLessThan(2 * pieceLength);
    await store.close();
    const again = await open(storageWith(), { id: last.id, layout }, directory);
    expect([again.hashed, again.store.has(pieceCount - 1), again.store.verifiedCount]).toEqual([0, true, 1]);
  });

  test('a piece of hundreds of tiny files is written, read and published', async () => {
    const directory = somewhere();
    const specs = Array.from({ length: 600 }, (_, index) => [`d${index % 7}/f${index}`, index % 97] as const);
    const sample = samplePayload(16 * KIB, specs);
    const { store } = await open(storageWith({ openFilesMax: 8 }), sample, directory);
    await putAll(store, sample);
    const target = new Uint8Array(16 * KIB);
    expect(await read(store, 0, 0, [target])).toBeUndefined();
    expect(Buffer.from(target).equals(sample.bytes.subarray(0, 16 * KIB))).toBe(true);
    await store.publish();
    await store.verify();
    expect([store.published, store.verifiedCount]).toEqual([true, sample.layout.pieceCount]);
  });

  test('full allocation leaves no holes', async () => {
    const directory = somewhere();
    const { store } = await open(storageWith({ allocation: 'full' }), twoFiles, directory);
    await put(store, twoFiles, 0);
    const staged = lstatSync(path.join(directory, '.brine', twoFiles.id, 'payload', 'payload', 'a'));
    expect(staged.blocks * 512).toBeGreaterThanOrEqual(64 * KIB);
  });

  test('payloads with different piece lengths share one pool', async () => {
    const storage = storageWith({ poolBytes: 1024 * KIB });
    const small = await open(
      storage,
      samplePayload(16 * KIB, [['s', 160 * KIB]], { name: 's' }),
      somewhere(),
    );
    const large = await open(
      storage,
      samplePayload(512 * KIB, [['l', 160 * KIB]], { name: 'l' }),
      somewhere(),
    );
    const lent = [];
    for (let buffer = small.store.borrow(0); buffer !== undefined; buffer = small.store.borrow(0))
      lent.push(buffer);
    expect(lent).toHaveLength(64);
    for (const buffer of lent) small.store.giveBack(buffer);
    const big = [];
    for (let buffer = large.store.borrow(0); buffer !== undefined; buffer = large.store.borrow(0))
      big.push(buffer);
    expect(big).toHaveLength(8);
    expect(small.store.borrow(0)).toBeUndefined();
  });
});

test('payloads that are opened at once share the threads that hash, and each gets its own verdict', async () => {
  const directory = somewhere();
  const storage = storageWith({ checkWorkersMax: 1 });
  const samples = Array.from({ length: 24 }, (_, seed) =>
    samplePayload(16 * KIB, [[`file-${seed}`, 40 * KIB]], { folder: false, seed }),
  );
  samples.forEach(({ bytes }, number) => {
    const wrong = number % 5 === 0;
    writeFileSync(path.join(directory, `file-${number}`), wrong ? new Uint8Array(bytes.length) : bytes);
  });
  const opened = await Promise.all(
    samples.map((sample, number) =>
      number % 5 === 0
        ? open(storage, sample, directory, { mode: 'seed' })
        : open(storage, sample, directory),
    ),
  );
  expect(opened.map(({ store }) => store.verifiedCount)).toEqual(
    samples.map((_, number) => (number % 5 === 0 ? 0 : 3)),
  );
});

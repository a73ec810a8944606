import { createHash } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import * as path from 'node:path';
import { createFileStorage, hashPayload } from '@brine/piece-store/node';
import { afterEach, describe, expect, test } from 'vitest';
import { choosePieceLength, isPieceLength } from '../src/piece-length.ts';
import { samplePayload } from './contract/sample-payload.ts';
import { placeFiles, temporaryDirectory } from './contract/temporary-directory.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function somewhere(): string {
  const { directory, remove } = temporaryDirectory();
  cleanUps.push(remove);
  return directory;
}

function folder(...names: string[]): string {
  const root = path.join(somewhere(), 'root');
  mkdirSync(root);
  for (const name of names) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), name);
  }
  return root;
}

describe('hashing a payload for a new torrent', () => {
  test('it finds the layout that a store then verifies', async () => {
    const directory = somewhere();
    const sample = samplePayload(32 * 1024, [
      ['a/1', 100_000],
      ['a/2', 0],
      ['b', 9_000_001],
    ]);
    placeFiles(directory, sample);
    const seen: number[] = [];
    const { layout, unportable } = await hashPayload(path.join(directory, 'payload'), {
      pieceLength: 32 * 1024,
      onProgress: ({ bytesHashed }) => seen.push(bytesHashed),
    });
    expect({ ...layout, pieceHashes: undefined }).toEqual({ ...sample.layout, pieceHashes: undefined });
    expect(Buffer.from(layout.pieceHashes).equals(sample.layout.pieceHashes)).toBe(true);
    expect(seen.at(-1)).toBe(layout.totalLength);
    expect(unportable).toEqual([]);
    const storage = createFileStorage();
    const store = await storage.open({ id: sample.id, layout, directory, mode: 'seed' });
    expect(store.verifiedCount).toBe(layout.pieceCount);
    await storage.close();
  });

  test.each([
    { workersMax: 1 },
    { workersMax: 3 },
    { workersMax: 2, hashHere: true },
    { workersMax: 1, hashHere: true, pieceLength: 16 * 1024 },
  ])('the digests are those of node:crypto: %o', async (options) => {
    const directory = somewhere();
    const lengths: readonly (readonly [string, number])[] = [
      ['a', 20_000_003],
      ['b', 1],
      ['c', 20_000_001],
    ];
    placeFiles(directory, samplePayload(1024 * 1024, lengths));
    const root = path.join(directory, 'payload');
    const { layout } = await hashPayload(root, { pieceLength: 1024 * 1024, ...options });
    const content = Buffer.concat(lengths.map(([name]) => readFileSync(path.join(root, name))));
    const digests = Array.from({ length: layout.pieceCount }, (_, piece) =>
      createHash('sha1')
        .update(content.subarray(piece * layout.pieceLength, (piece + 1) * layout.pieceLength))
        .digest(),
    );
    expect(Buffer.concat(digests).equals(layout.pieceHashes)).toBe(true);
  });

  test('a single file is named by itself', async () => {
    const root = folder('one.iso');
    const { layout } = await hashPayload(path.join(root, 'one.iso'));
    expect(layout).toMatchObject({
      name: 'one.iso',
      folder: false,
      files: [{ path: ['one.iso'], length: 7 }],
    });
  });

  test('files are ordered by the bytes of their components', async () => {
    const { layout } = await hashPayload(folder('b', 'a/z', 'a.txt', 'a/b/c', 'Z', 'é'));
    expect(layout.files.map((file) => file.path.join('/'))).toEqual(['Z', 'a/b/c', 'a/z', 'a.txt', 'b', 'é']);
  });

  test('executable files are marked and links inside are kept as links', async () => {
    const root = folder('bin/tool', 'doc');
    chmodSync(path.join(root, 'bin/tool'), 0o755);
    symlinkSync('bin/tool', path.join(root, 'tool'));
    const { layout } = await hashPayload(root);
    expect(layout.files).toMatchObject([
      { path: ['bin', 'tool'], executable: true },
      { path: ['doc'], executable: false },
      { path: ['tool'], length: 0, symlink: ['bin', 'tool'] },
    ]);
  });

  test('links that lead out, nowhere or to folders are refused, unless they are followed', async () => {
    const outside = folder('secret');
    for (const target of [path.join(outside, 'secret'), 'sub', 'nowhere']) {
      const root = folder('sub/f');
      symlinkSync(target, path.join(root, 'link'));
      await expect(hashPayload(root)).rejects.toMatchObject({
        code: 'source-unsupported',
        path: path.join(root, 'link'),
      });
    }
    const root = folder('sub/f');
    symlinkSync(outside, path.join(root, 'out'));
    const { layout } = await hashPayload(root, { followSymlinks: true });
    expect(layout.files.map((file) => file.path.join('/'))).toEqual(['out/secret', 'sub/f']);
  });

  test('a circle of links is refused', async () => {
    const root = folder('sub/f');
    symlinkSync('..', path.join(root, 'sub/up'));
    await expect(hashPayload(root, { followSymlinks: true })).rejects.toMatchObject({
      code: 'source-unsupported',
    });
  });

  test.skipIf(process.platform === 'win32')('sockets are refused by name', async () => {
    const root = folder('f');
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(path.join(root, 'odd'), resolve);
    });
    await expect(hashPayload(root)).rejects.toThrow(/odd is a socket, pipe or device/);
    server.close();
  });

  test('a folder without content, a missing path and an odd piece length are refused', async () => {
    await expect(hashPayload(folder())).rejects.toMatchObject({ code: 'source-unsupported' });
    await expect(hashPayload('/does/not/exist')).rejects.toMatchObject({ code: 'file-missing' });
    await expect(hashPayload(folder('f'), { pieceLength: 20_000 })).rejects.toMatchObject({
      code: 'source-unsupported',
    });
  });

  test('a file that changes while it is hashed makes it fail', async () => {
    const root = folder('grows');
    writeFileSync(path.join(root, 'grows'), Buffer.alloc(100_000));
    const onProgress = (): void => appendFileSync(path.join(root, 'grows'), 'more');
    await expect(hashPayload(root, { onProgress })).rejects.toMatchObject({ code: 'file-changed' });
  });

  test('names that a reader would change are listed', async () => {
    const safeComponent = (name: string): string => name.replace('?', '_');
    const { unportable } = await hashPayload(folder('what?', 'fine'), { safeComponent });
    expect(unportable).toEqual([['what?']]);
  });

  test('it can be stopped', async () => {
    await expect(hashPayload(folder('f'), { signal: { aborted: true } })).rejects.toMatchObject({
      code: 'closed',
    });
  });

  test.each([true, false])('what a listener throws ends it (calling thread hashes: %s)', async (hashHere) => {
    const root = folder('f');
    writeFileSync(path.join(root, 'f'), Buffer.alloc(9_000_000));
    const onProgress = (): void => {
      throw new RangeError('enough');
    };
    await expect(hashPayload(root, { hashHere, onProgress })).rejects.toThrow(new RangeError('enough'));
  });

  test.each([true, false])(
    'a file that shrinks makes it fail (calling thread hashes: %s)',
    async (hashHere) => {
      const root = folder('a', 'b');
      writeFileSync(path.join(root, 'a'), Buffer.alloc(40_000_000));
      const onProgress = (): void => writeFileSync(path.join(root, 'b'), '');
      await expect(hashPayload(root, { workersMax: 1, hashHere, onProgress })).rejects.toMatchObject({
        code: 'file-changed',
      });
    },
  );
});

describe('the piece length by content size', () => {
  test('is a power of two that makes about 1,000 to 2,000 pieces, 256 KiB at least for big content', () => {
    const MIB = 1024 * 1024;
    expect([1, 10 * MIB, 100 * MIB, 256 * MIB, 1024 * MIB, 100 * 1024 * MIB].map(choosePieceLength)).toEqual([
      16 * 1024,
      16 * 1024,
      64 * 1024,
      256 * 1024,
      MIB,
      16 * MIB,
    ]);
    for (let size = 1; size < 2 ** 45; size *= 1.7) expect(isPieceLength(choosePieceLength(size))).toBe(true);
    expect([0, 1024, 24 * 1024, 32 * MIB].map(isPieceLength)).toEqual([false, false, false, false]);
  });
});

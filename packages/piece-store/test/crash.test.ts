import { spawn } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { createFileStorage } from '@brine/piece-store/node';
import { expect, test } from 'vitest';
import { putAll } from './contract/piece-store-contract.ts';
import { samplePayload } from './contract/sample-payload.ts';
import type { SamplePayload } from './contract/sample-payload.ts';
import { temporaryDirectory } from './contract/temporary-directory.ts';

/** Stores one piece after the other and says so on stdout, until it is killed. */
const WRITER = `
import { readFileSync, writeSync } from 'node:fs';
import { createFileStorage } from '@brine/piece-store/node';
const [directory] = process.argv.slice(1);
const { id, layout, hashes, bytes } = JSON.parse(readFileSync(directory + '/sample.json', 'utf8'));
const payload = Buffer.from(bytes, 'base64');
layout.pieceHashes = Buffer.from(hashes, 'base64');
const store = await createFileStorage().open({ id, layout, directory, mode: 'download' });
let piece = -1;
const next = () => {
  do piece++; while (store.has(piece));
  if (piece >= layout.pieceCount) { setInterval(() => writeSync(1, 'end\\n'), 20); return; }
  const buffer = store.borrow(piece);
  buffer.bytes.set(payload.subarray(piece * layout.pieceLength, (piece + 1) * layout.pieceLength));
  store.commit(buffer, {}, (outcome) => {
    if (outcome.type !== 'stored') throw outcome.error;
    writeSync(1, piece + '\\n');
    setTimeout(next, 4);
  });
};
next();
`;

/**
 * Lets a writer run until it has told `lines` lines, or all there is, and the resume record was renewed well after the tenth line;
 * kills it at that moment, and returns what it told.
 */
function runAndKill(directory: string, id: string, lines: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    let tenthMs = Infinity;
    child.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      const count = told.split('\n').length - 1;
      if (count >= 10 && tenthMs === Infinity) tenthMs = Date.now();
      const recorded = lines < 10 || recordedMs(directory, id) > tenthMs + 300;
      if (recorded && (count >= lines || told.endsWith('end\n'))) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', () => resolve(told.split('\n').filter((line) => line !== '' && line !== 'end')));
  });
}

function recordedMs(directory: string, id: string): number {
  return statSync(path.join(directory, '.brine', `${id}.resume`)).mtimeMs;
}

function save(directory: string, { id, layout, bytes }: SamplePayload): void {
  const hashes = Buffer.from(layout.pieceHashes).toString('base64');
  const sample = {
    id,
    layout: { ...layout, pieceHashes: undefined },
    hashes,
    bytes: Buffer.from(bytes).toString('base64'),
  };
  writeFileSync(path.join(directory, 'sample.json'), JSON.stringify(sample));
}

test('a writer killed again and again never claims a wrong piece, forgets at most its last seconds, and completes', async () => {
  const { directory, remove } = temporaryDirectory();
  try {
    const sample = samplePayload(16 * 1024, [
      ['a', 3_000_000],
      ['sub/b', 2_000_001],
      ['c', 9_000_000],
    ]);
    save(directory, sample);
    for (const lines of [3, 40, 150]) {
      const told = await runAndKill(directory, sample.id, lines);
      expect(told.length).toBeGreaterThanOrEqual(lines);
      const storage = createFileStorage({ checkWorkersMax: 1 });
      const store = await storage.open({ id: sample.id, layout: sample.layout, directory, mode: 'download' });
      const recorded = lines < 10 ? [] : told.slice(0, 10).map(Number);
      expect(recorded.filter((piece) => !store.has(piece))).toEqual([]);
      const claimed = store.verifiedBits();
      await store.verify();
      const right = store.verifiedBits();
      expect(claimed.every((byte, index) => (byte & ~right[index]!) === 0)).toBe(true);
      await storage.close();
    }
    await runAndKill(directory, sample.id, 3);
    const storage = createFileStorage();
    const store = await storage.open({ id: sample.id, layout: sample.layout, directory, mode: 'download' });
    await putAll(store, sample);
    await store.publish();
    expect(store.published).toBe(true);
    await store.verify();
    expect(store.verifiedCount).toBe(sample.layout.pieceCount);
    await storage.close();
  } finally {
    remove();
  }
});

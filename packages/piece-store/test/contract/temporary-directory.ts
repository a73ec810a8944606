import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import type { SamplePayload } from './sample-payload.ts';

/** A directory of its own for a test, and what removes it. */
export function temporaryDirectory(): { readonly directory: string; readonly remove: () => void } {
  const directory = mkdtempSync(path.join(tmpdir(), 'brine-store-'));
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** Writes a payload where a user would have it. */
export function placeFiles(directory: string, { layout, bytes }: SamplePayload): void {
  const root = layout.folder ? path.join(directory, layout.name) : directory;
  for (const file of layout.files) {
    if (file.padding) continue;
    const target = path.join(root, ...file.path);
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, bytes.subarray(file.offset, file.offset + file.length));
  }
}

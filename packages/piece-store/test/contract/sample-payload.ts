import { createHash } from 'node:crypto';
import type { LayoutFile, PayloadLayout } from '../../src/payload-layout.ts';

/** `length` bytes, then optional marks: `p` padding, `x` executable. */
export type FileSpec = readonly [path: string, length: number, marks?: string];

/** A payload with reproducible bytes, its layout and an id. */
export interface SamplePayload {
  readonly id: string;
  readonly layout: PayloadLayout;
  readonly bytes: Uint8Array;
}

/** Bytes that differ from each other for each seed; padding is zero. A single spec without a slash in `folder` makes a single file. */
export function samplePayload(
  pieceLength: number,
  specs: readonly FileSpec[],
  options: { readonly name?: string; readonly folder?: boolean; readonly seed?: number } = {},
): SamplePayload {
  const folder = options.folder ?? true;
  let offset = 0;
  const files: LayoutFile[] = specs.map(([path, length, marks = '']) => {
    const file = {
      path: path.split('/'),
      length,
      offset,
      padding: marks.includes('p'),
      executable: marks.includes('x'),
      hidden: false,
    };
    offset += length;
    return file;
  });
  const bytes = noise(offset, options.seed ?? 1);
  for (const file of files) if (file.padding) bytes.fill(0, file.offset, file.offset + file.length);
  const name = options.name ?? (folder ? 'payload' : files[0]!.path[0]!);
  const layout = layoutOf(name, folder, pieceLength, files, bytes);
  return { id: createHash('sha1').update(name).update(layout.pieceHashes).digest('hex'), layout, bytes };
}

/** The bytes of one piece. */
export function pieceBytes(sample: SamplePayload, piece: number): Uint8Array {
  const start = piece * sample.layout.pieceLength;
  return sample.bytes.subarray(start, start + sample.layout.pieceLength);
}

function layoutOf(
  name: string,
  folder: boolean,
  pieceLength: number,
  files: readonly LayoutFile[],
  bytes: Uint8Array,
): PayloadLayout {
  const pieceCount = Math.ceil(bytes.length / pieceLength);
  const pieceHashes = new Uint8Array(20 * pieceCount);
  for (let piece = 0; piece < pieceCount; piece++) {
    const start = piece * pieceLength;
    pieceHashes.set(
      createHash('sha1')
        .update(bytes.subarray(start, start + pieceLength))
        .digest(),
      piece * 20,
    );
  }
  return { name, folder, pieceLength, pieceCount, totalLength: bytes.length, pieceHashes, files };
}

function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed * 2654435761 + 1;
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}

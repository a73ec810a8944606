import { closeSync, openSync, readSync } from 'node:fs';
import type { PayloadLayout } from '../payload-layout.ts';
import { extentsOf, pieceLengthAt } from '../piece-geometry.ts';
import type { PlatformFailure, SurveyResult } from './disk-job.ts';
import { sha1Binary, sha1BinaryOf } from './sha1.ts';

/** Bytes read at a time, which are still in the core's cache when they are hashed: 256 KiB cost 0.04 CPU s more for a GiB (measured). */
const SLICE_BYTES = 128 * 1024;

/** A payload to be hashed by several threads, as each of them is given it. */
export interface HashTask {
  /** Bytes. */
  readonly pieceLength: number;
  /** Absolute, in the payload's order. */
  readonly paths: readonly string[];
  /** Of each path, bytes. */
  readonly lengths: Float64Array;
  /** One 32-bit number: the first piece that no thread has claimed. Shared. */
  readonly claims: SharedArrayBuffer;
  /** 20 bytes a piece, filled by whoever claimed it. Shared. */
  readonly digests: SharedArrayBuffer;
}

/** From a thread: how much more it has hashed, that nothing is left to claim, what it found at the paths it was asked about. */
export type HashReport =
  | { readonly bytesHashed: number }
  | { readonly finished: true }
  | { readonly survey: SurveyResult }
  | { readonly failure: PlatformFailure };

/** A task for `layout`'s files that lie at `paths`, nothing of it claimed. */
export function hashTask(layout: PayloadLayout, paths: readonly string[]): HashTask {
  return {
    pieceLength: layout.pieceLength,
    paths,
    lengths: Float64Array.from(layout.files, (file) => file.length),
    claims: new SharedArrayBuffer(4),
    digests: new SharedArrayBuffer(20 * layout.pieceCount),
  };
}

/** Leaves nothing to claim: every thread ends with the pieces that it is at. */
export function claimAll({ claims, digests }: HashTask): void {
  Atomics.store(new Int32Array(claims), 0, digests.byteLength / 20);
}

/** One thread's share of a task: claims pieces until none are left, so that no thread ever waits for another. */
export class HashShare {
  readonly #paths: readonly string[];
  readonly #layout: PayloadLayout;
  readonly #claims: Int32Array;
  readonly #digests: Buffer;
  readonly #slice: Uint8Array;
  #file = -1;
  #descriptor = -1;

  constructor({ pieceLength, paths, lengths, claims, digests }: HashTask) {
    this.#paths = paths;
    this.#layout = layoutOf(pieceLength, lengths);
    this.#claims = new Int32Array(claims);
    this.#digests = Buffer.from(digests);
    this.#slice = new Uint8Array(Math.min(SLICE_BYTES, this.#layout.totalLength));
  }

  /**
   * Claims and hashes pieces of about `bytes` together, at least one; returns how many bytes they had, 0 when nothing was left.
   * Throws `ESTALE` when a file is shorter than it was.
   */
  next(bytes: number): number {
    const { pieceCount, pieceLength, totalLength } = this.#layout;
    const pieces = Math.max(1, Math.floor(bytes / pieceLength));
    const first = Atomics.add(this.#claims, 0, pieces);
    if (first >= pieceCount) return 0;
    const end = Math.min(first + pieces, pieceCount);
    for (let piece = first; piece < end; piece++)
      this.#digests.write(this.#digest(piece), piece * 20, 'latin1');
    return Math.min(end * pieceLength, totalLength) - first * pieceLength;
  }

  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
    this.#file = -1;
  }

  #digest(piece: number): string {
    const length = pieceLengthAt(this.#layout, piece);
    if (length <= SLICE_BYTES) return sha1Binary(this.#read(piece, 0, length));
    return sha1BinaryOf(this.#slices(piece, length));
  }

  *#slices(piece: number, length: number): Generator<Uint8Array> {
    for (let begin = 0; begin < length; begin += SLICE_BYTES)
      yield this.#read(piece, begin, Math.min(SLICE_BYTES, length - begin));
  }

  /** Bytes of a piece, valid until the next call. */
  #read(piece: number, begin: number, length: number): Uint8Array {
    for (const { file, fileOffset, runOffset, length: part } of extentsOf(
      this.#layout,
      piece,
      begin,
      length,
    )) {
      this.#open(file);
      for (let done = 0; done < part;) {
        const count = readSync(
          this.#descriptor,
          this.#slice,
          runOffset + done,
          part - done,
          fileOffset + done,
        );
        if (count === 0) throw shorter(this.#paths[file]);
        done += count;
      }
    }
    return length === this.#slice.length ? this.#slice : this.#slice.subarray(0, length);
  }

  #open(file: number): void {
    if (file === this.#file) return;
    this.close();
    this.#descriptor = openSync(this.#paths[file]!, 'r');
    this.#file = file;
  }
}

function layoutOf(pieceLength: number, lengths: Float64Array): PayloadLayout {
  let totalLength = 0;
  const files = Array.from(lengths, (length) => {
    const file = { path: [], length, offset: totalLength, padding: false, executable: false, hidden: false };
    totalLength += length;
    return file;
  });
  const pieceCount = Math.ceil(totalLength / pieceLength);
  return {
    name: '',
    folder: true,
    pieceLength,
    pieceCount,
    totalLength,
    pieceHashes: new Uint8Array(0),
    files,
  };
}

function shorter(path: string | undefined): Error {
  return Object.assign(new Error('the file is shorter than it was'), { code: 'ESTALE', path });
}

/*
 * What an uploader sends is blocks behind 13-byte headers, and those headers depend on nothing but the block. So the cache keeps
 * runs of a piece as they go over the wire: the store reads each block straight behind the place of its header (a scatter read),
 * the headers are written once, and any sequence of neighbouring blocks is one contiguous view that leaves with one write. No copy
 * of payload is ever made in the process. A sender that gathers two buffers per
 * block spends 0.75-1.0 CPU s/GB on that alone; this engine's whole seeding process spends about 1.0 (bench/RESULTS.md).
 */
import { BLOCK_LENGTH } from '@brine/piece-store';
import type { PieceStore, StoreError } from '@brine/piece-store';
import { PIECE_HEADER_LENGTH, writePieceHeader } from '@brine/wire';

/** Blocks per run: 256 KiB, large enough for cheap reads, small enough that a slow peer pins little. */
export const RUN_BLOCKS = 16;
/** Bytes of a run while it is whole. */
export const RUN_LENGTH: number = RUN_BLOCKS * BLOCK_LENGTH;
/** Header and block, as they go out. */
export const FRAME_LENGTH: number = PIECE_HEADER_LENGTH + BLOCK_LENGTH;

/** Neighbouring blocks of one piece, framed. Pinned while a stream may still read its bytes. */
export class FramedRun {
  readonly key: string;
  readonly piece: number;
  /** First byte of the run in the piece, and how many bytes of payload it holds. */
  readonly begin: number;
  readonly length: number;
  readonly bytes: Uint8Array;
  state: 'loading' | 'ready' | 'failed' = 'loading';
  pins = 0;
  /** Called once when loading ends, either way. */
  readonly waiting: (() => void)[] = [];

  constructor(key: string, piece: number, begin: number, length: number, bytes: Uint8Array) {
    this.key = key;
    this.piece = piece;
    this.begin = begin;
    this.length = length;
    this.bytes = bytes;
  }

  /** Where the frame of the block at `begin` (a multiple of 16 KiB in the piece) starts. */
  frameAt(begin: number): number {
    return ((begin - this.begin) / BLOCK_LENGTH) * FRAME_LENGTH;
  }

  /** Length of that block. */
  blockLength(begin: number): number {
    return Math.min(BLOCK_LENGTH, this.begin + this.length - begin);
  }
}

/** The cache of one engine, over all its torrents. Bounded: when everything in it is in use there is no run to be had. */
export class FramedCache {
  readonly #runsMax: number;
  /** In order of last use. */
  readonly #runs = new Map<string, FramedRun>();
  readonly #spare: Uint8Array[] = [];
  /** Peers that found no room, one entry each: bounded by the connections. */
  readonly #hungry: (() => void)[] = [];

  constructor(bytesMax: number) {
    this.#runsMax = Math.max(4, Math.floor(bytesMax / RUN_LENGTH));
  }

  /**
   * The run that holds `begin` of `piece`; its `state` tells whether it can be sent already. Undefined when the cache is full of
   * runs in use: ask again when something was sent. `failed` is told when the store cannot read.
   */
  run(
    torrentId: string,
    store: PieceStore,
    pieceLength: number,
    piece: number,
    begin: number,
    failed: (error: StoreError) => void,
  ): FramedRun | undefined {
    const first = begin - (begin % RUN_LENGTH);
    const key = `${torrentId}/${piece}/${first}`;
    const known = this.#runs.get(key);
    if (known !== undefined) {
      this.#runs.delete(key);
      this.#runs.set(key, known);
      return known;
    }
    const length = Math.min(RUN_LENGTH, pieceLength - first);
    const bytes = this.#room(Math.ceil(length / BLOCK_LENGTH) * FRAME_LENGTH);
    if (bytes === undefined) return undefined;
    const run = new FramedRun(key, piece, first, length, bytes);
    this.#runs.set(key, run);
    this.#load(run, store, failed);
    return run;
  }

  /** A stream is done with the run's bytes. */
  unpin(run: FramedRun): void {
    run.pins -= 1;
    if (run.pins > 0) return;
    for (const wake of this.#hungry.splice(0)) wake();
  }

  /** Calls back once when a run may be had again. */
  whenRoom(wake: () => void): void {
    this.#hungry.push(wake);
  }

  /** Forgets a torrent's runs: its files are about to change or go. */
  forget(torrentId: string): void {
    for (const [key, run] of this.#runs) {
      if (!key.startsWith(torrentId)) continue;
      this.#runs.delete(key);
      if (run.pins === 0 && run.state !== 'loading') this.#spare.push(run.bytes);
    }
  }

  #load(run: FramedRun, store: PieceStore, failed: (error: StoreError) => void): void {
    const targets: Uint8Array[] = [];
    for (let at = 0, frame = 0; at < run.length; at += BLOCK_LENGTH, frame += FRAME_LENGTH) {
      const length = Math.min(BLOCK_LENGTH, run.length - at);
      writePieceHeader(run.bytes, frame, run.piece, run.begin + at, length);
      targets.push(run.bytes.subarray(frame + PIECE_HEADER_LENGTH, frame + PIECE_HEADER_LENGTH + length));
    }
    run.pins += 1;
    store.read(run.piece, run.begin, targets, (error) => {
      run.state = error === undefined ? 'ready' : 'failed';
      if (error !== undefined) {
        if (this.#runs.get(run.key) === run) this.#runs.delete(run.key);
        failed(error);
      }
      for (const wake of run.waiting.splice(0)) wake();
      this.unpin(run);
    });
  }

  /** Memory for one more run: a spare one, a fresh one, or that of the run that has not been used for longest. */
  #room(length: number): Uint8Array | undefined {
    let used = this.#spare.pop();
    if (used === undefined && this.#runs.size >= this.#runsMax) {
      used = this.#leastRecent();
      if (used === undefined) return undefined;
    }
    // Small torrents have short runs; what is too short for this one is not worth keeping.
    return used !== undefined && used.length >= length ? used : new Uint8Array(length);
  }

  #leastRecent(): Uint8Array | undefined {
    for (const [key, run] of this.#runs) {
      if (run.pins > 0) continue;
      this.#runs.delete(key);
      return run.bytes;
    }
    return undefined;
  }
}
